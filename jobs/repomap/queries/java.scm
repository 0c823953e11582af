(class_declaration) @class
(interface_declaration) @class
(enum_declaration) @class
(record_declaration) @class
(annotation_type_declaration) @class
(method_declaration) @function
(constructor_declaration) @function

(method_invocation name: (identifier) @member)
(import_declaration (scoped_identifier name: (identifier) @ref))
(marker_annotation name: (identifier) @ref)
(type_identifier) @ref
