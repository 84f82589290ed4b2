"""Write the ISO 20022 schemas of `xsd/` from the content models of two Python bindings.

    python -m tools.xsd generate    write every schema and the manifest
    python -m tools.xsd check       exit code 1 if a file is not as it would be written
    python -m tools.xsd compare     list where the two bindings differ

The bindings are dataclasses that xsdata once made from the official schemas. They keep names,
order, cardinality and facets. They lose choices, the names of simple types and the kind of calendar
type: `restore` puts those back by the rules of ISO 20022-4. Nothing of a binding is imported or
run, its source is parsed; no schema text of anybody is read.

    catalogue   which messages are written, and where their content model comes from
    bindings    source of a binding -> fields as the binding has them
    derived     messages made from another version
    restore     fields -> content model, with what xsdata lost put back
    model       the content model
    simple      simple types: base, facets, ISO names
    compare     differences between two content models
    write       content model -> XSD text
    manifest    the list of what was written
"""
