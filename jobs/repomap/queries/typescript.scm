(abstract_class_declaration) @class
(interface_declaration) @class
(enum_declaration) @class
(internal_module) @class
(type_alias_declaration) @function
(function_signature) @function
(abstract_method_signature) @function

(type_identifier) @ref
(extends_clause value: (identifier) @ref)
