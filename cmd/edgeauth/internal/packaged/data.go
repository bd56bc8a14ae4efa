package packaged

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// DataFile is the name in a function's zip of what its program protects.
const DataFile = "edgeauth.json"

// maxData bounds what is read of it.
const maxData = 4 << 20

// Data is what the function that this process is protects. It lies in the folder that Lambda names, and not beside the
// program: a handler module may have had to copy that elsewhere to run it.
func Data() ([]byte, error) {
	root := os.Getenv("LAMBDA_TASK_ROOT")
	if root == "" {
		return nil, errors.New("LAMBDA_TASK_ROOT is not set: this program runs in Lambda, or behind edgeauth edge")
	}
	f, err := os.Open(filepath.Join(root, DataFile))
	if err != nil {
		return nil, fmt.Errorf("the zip is not whole: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxData+1))
	if err == nil && len(data) > maxData {
		err = fmt.Errorf("%s has more than %d bytes", DataFile, maxData)
	}
	return data, err
}
