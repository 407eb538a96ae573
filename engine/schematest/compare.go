package schematest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// BreakingChanges returns what whoever knows the old document would miss in the new one: what was taken away or is of
// another type. What was added, and what texts say, breaks nothing.
func BreakingChanges(before, after []byte) ([]string, error) {
	var a, b any
	if err := json.Unmarshal(before, &a); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(after, &b); err != nil {
		return nil, err
	}
	return broken(a, b, ""), nil
}

// texts are the keys of what only people read, and of versions.
var texts = []string{"title", "description", "summary", "info", "$id"}

func broken(before, after any, path string) (found []string) {
	switch before := before.(type) {
	case map[string]any:
		now, ok := after.(map[string]any)
		if !ok {
			return []string{path + " is something else"}
		}
		// Names of fields are no keywords, whatever they are.
		named := pathEnds(path, "/properties", "/$defs", "/schemas")
		for key, value := range before {
			at := path + "/" + key
			switch next, there := now[key]; {
			case !named && slices.Contains(texts, key):
			case !there:
				found = append(found, at+" is gone")
			case !named && (key == "required" || key == "enum"):
				found = append(found, missing(value, next, at)...)
			default:
				found = append(found, broken(value, next, at)...)
			}
		}
	case []any:
		now, ok := after.([]any)
		if !ok || len(now) < len(before) || pathEnds(path, "/type") && len(now) != len(before) {
			return []string{path + " is something else"}
		}
		for i := range before {
			found = append(found, broken(before[i], now[i], fmt.Sprint(path, "/", i))...)
		}
	default:
		if !reflect.DeepEqual(before, after) {
			return []string{fmt.Sprintf("%s was %v and is %v", path, before, after)}
		}
	}
	slices.Sort(found)
	return found
}

// missing returns the elements of a list that are not in the next one.
func missing(before, after any, path string) (found []string) {
	was, _ := before.([]any)
	now, _ := after.([]any)
	for _, each := range was {
		if !slices.Contains(now, each) {
			found = append(found, fmt.Sprintf("%s has no %v any more", path, each))
		}
	}
	return found
}

func pathEnds(path string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return len(path) >= len(name) && path[len(path)-len(name):] == name
	})
}
