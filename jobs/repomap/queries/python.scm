(class_definition) @class
(function_definition) @function
(module (expression_statement (assignment left: (identifier) @constant)))

(call function: [(identifier) @ref (attribute attribute: (identifier) @member)])
(import_from_statement name: (dotted_name (identifier) @ref))
(import_from_statement name: (aliased_import name: (dotted_name (identifier) @ref)))
(class_definition superclasses: (argument_list [(identifier) @ref (attribute attribute: (identifier) @member)]))
(decorator [(identifier) @ref (attribute attribute: (identifier) @member)])
(type (identifier) @ref)
