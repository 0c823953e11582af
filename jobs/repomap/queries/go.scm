(function_declaration) @function
(method_declaration) @function
(type_spec) @class
(type_alias) @class
(method_elem) @function
(source_file (const_declaration (const_spec name: (identifier) @constant)))
(source_file (var_declaration (var_spec name: (identifier) @constant)))

(call_expression function: [(identifier) @ref (selector_expression field: (field_identifier) @member)])
(type_identifier) @ref
