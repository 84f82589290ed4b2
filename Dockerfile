# One image for gateway and worker: `msggw run` and `msggw worker`.

FROM python:3.13-slim-bookworm AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
RUN python -m venv /opt/msggw && python -m venv /opt/build
# The locks change less often than the code, so they come first and are cached.
COPY requirements/runtime.lock requirements/build.lock requirements/
RUN /opt/msggw/bin/pip install --only-binary :all: --require-hashes -r requirements/runtime.lock \
 && /opt/build/bin/pip install --only-binary :all: --require-hashes -r requirements/build.lock
COPY pyproject.toml README.md CHANGELOG.md SECURITY.md ./
COPY src src
COPY specs specs
COPY xsd xsd
COPY adapters adapters
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist . ./adapters \
 && /opt/msggw/bin/pip install --no-deps --no-index dist/*.whl \
 && /opt/msggw/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin msggw \
 && install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/msggw
COPY --from=build /opt/msggw /opt/msggw
ENV PATH=/opt/msggw/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /var/lib/msggw
VOLUME /var/lib/msggw
# ISO 8583 links; HTTP (ISO 20022, JSON, health, metrics)
EXPOSE 8583 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
ENTRYPOINT ["msggw"]
CMD ["run"]
