package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Program is a case: what a program prints, which is a number.
func Program(figure, name string, args ...string) Case {
	return Case{[]string{figure}, func(ctx context.Context, _ string) ([]float64, error) {
		value, err := Number(ctx, name, args...)
		return []float64{value}, err
	}}
}

// JSON is a case: the number that a key has in the JSON object that a program prints.
func JSON(figure, key, name string, args ...string) Case {
	return Case{[]string{figure}, func(ctx context.Context, _ string) ([]float64, error) {
		out, err := output(exec.CommandContext(ctx, name, args...))
		if err != nil {
			return nil, err
		}
		var result map[string]any
		if err := json.Unmarshal([]byte(out), &result); err != nil {
			return nil, fmt.Errorf("%s printed %q: %w", name, out, err)
		}
		value, ok := result[key].(float64)
		if !ok {
			return nil, fmt.Errorf("%s printed no number %q: %s", name, key, out)
		}
		return []float64{value}, nil
	}}
}

// Number runs a program and returns the number that it prints.
func Number(ctx context.Context, name string, args ...string) (float64, error) {
	out, err := output(exec.CommandContext(ctx, name, args...))
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(strings.TrimSpace(out), 64)
}

// Self returns the path of this program, which can run itself again.
func Self() string {
	path, err := os.Executable()
	Check(err)
	return path
}

// afterKill is how long to wait for what a killed program has started.
const afterKill = 5 * time.Second

// output runs a program and returns what it prints. If it fails, what it said is in the error.
func output(cmd *exec.Cmd) (string, error) {
	var messages bytes.Buffer
	cmd.Stderr = &messages
	cmd.WaitDelay = afterKill
	out, err := cmd.Output()
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w; if it is a Python peer, run: make peers", err)
	}
	if err != nil {
		return "", fmt.Errorf("%v: %w\n%s%s", cmd, err, out, &messages)
	}
	return string(out), nil
}

// Start starts a server, which prints a line when it is ready, such as its address, and
// ends when its input does: see [Ready]. stop has it end, and waits. The context kills it.
func Start(ctx context.Context, name string, args ...string) (line string, stop func() error, err error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = os.Stderr
	cmd.WaitDelay = afterKill
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() error { return errors.Join(in.Close(), cmd.Wait()) }
	line, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", nil, fmt.Errorf("%v does not get ready: %w", cmd, errors.Join(err, stop()))
	}
	return strings.TrimSpace(line), stop, nil
}

// Ready says, in a server, that it is ready, and returns when its input ends.
func Ready(line string) {
	_, err := fmt.Println(line)
	Check(err)
	_, err = io.Copy(io.Discard, os.Stdin)
	Check(err)
}
