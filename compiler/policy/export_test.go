package policy

import "reflect"

// NewProject is newProject, for the test that holds it to its schema.
var NewProject = newProject

// ProjectTypes are the types that make up what rules see.
func ProjectTypes() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[project](), reflect.TypeFor[environment](), reflect.TypeFor[source](), reflect.TypeFor[destination](),
		reflect.TypeFor[promise](), reflect.TypeFor[column](), reflect.TypeFor[pipeline](), reflect.TypeFor[stream](),
		reflect.TypeFor[model](), reflect.TypeFor[external](),
	}
}
