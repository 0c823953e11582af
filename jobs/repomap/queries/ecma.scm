(class_declaration) @class
(function_declaration) @function
(generator_function_declaration) @function
(method_definition) @function
(variable_declarator name: (identifier) value: [(arrow_function) (function_expression)]) @function
(variable_declarator name: (identifier) value: [(object) (class)]) @class
(program [
  (lexical_declaration (variable_declarator name: (identifier) @constant))
  (variable_declaration (variable_declarator name: (identifier) @constant))
  (export_statement (lexical_declaration (variable_declarator name: (identifier) @constant)))
])
(assignment_expression
  left: (member_expression property: (property_identifier) @constant)
  right: [(arrow_function) (function_expression) (class)])

(call_expression function: [(identifier) @ref (member_expression property: (property_identifier) @member)])
(new_expression constructor: [(identifier) @ref (member_expression property: (property_identifier) @member)])
(import_specifier name: (identifier) @ref)
(import_clause (identifier) @ref)
(shorthand_property_identifier_pattern) @ref
