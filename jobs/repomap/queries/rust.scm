(struct_item) @class
(enum_item) @class
(union_item) @class
(trait_item) @class
(mod_item) @class
(impl_item) @block
(function_item) @function
(function_signature_item) @function
(type_item) @function
(macro_definition) @function
(const_item name: (identifier) @constant)
(static_item name: (identifier) @constant)

(call_expression function: [(identifier) @ref (field_expression field: (field_identifier) @member)])
(scoped_identifier name: (identifier) @ref)
(use_list (identifier) @ref)
(macro_invocation macro: (identifier) @ref)
(type_identifier) @ref
