package reason

import (
	"fmt"
	"runtime"
)

// PanicText says for a log what was panicked with. The runtime's own messages hold no secret; of other values only
// the type is told.
func PanicText(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}
