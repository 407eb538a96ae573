package schematest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// BreakingChanges returns the changes from one document to the next that break programs: what was removed or has
// another type. Additions and changes of texts break nothing.
func BreakingChanges(before, after []byte) ([]string, error) {
	var a, b any
	if err := json.Unmarshal(before, &a); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(after, &b); err != nil {
		return nil, err
	}
	return compare(a, b, ""), nil
}

// textKeys are the keys whose values are texts for people, or versions.
var textKeys = []string{"title", "description", "summary", "info", "$id"}

func compare(before, after any, path string) (found []string) {
	switch before := before.(type) {
	case map[string]any:
		now, ok := after.(map[string]any)
		if !ok {
			return []string{path + " is something else"}
		}
		// The keys of such an object are names of fields or types, not keywords.
		named := pathEnds(path, "/properties", "/$defs", "/schemas")
		for key, value := range before {
			at := path + "/" + key
			switch next, there := now[key]; {
			case !named && slices.Contains(textKeys, key):
			case !there:
				found = append(found, at+" is gone")
			case !named && (key == "required" || key == "enum"):
				found = append(found, missingElements(value, next, at)...)
			default:
				found = append(found, compare(value, next, at)...)
			}
		}
	case []any:
		now, ok := after.([]any)
		if !ok || len(now) < len(before) || pathEnds(path, "/type") && len(now) != len(before) {
			return []string{path + " is something else"}
		}
		for i := range before {
			found = append(found, compare(before[i], now[i], fmt.Sprint(path, "/", i))...)
		}
	default:
		if !reflect.DeepEqual(before, after) {
			return []string{fmt.Sprintf("%s was %v and is %v", path, before, after)}
		}
	}
	slices.Sort(found)
	return found
}

// missingElements returns the elements of a list that are not in the new one.
func missingElements(before, after any, path string) (found []string) {
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
