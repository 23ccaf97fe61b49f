package codec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
)

// The hot messages: a step request with one input, and the reply to get_data.
var (
	stepArgs = []any{int64(900), codec.Raw(`{"Model_0": {"val_in": {"Sim-0.Model_0": 1.5}}}`), int64(3600)}
	stepCall = &codec.Call{Path: "step", Args: stepArgs}
	stepText = []byte(`[0, 17, ["step", [900, {"Model_0": {"val_in": {"Sim-0.Model_0": 1.5}}}, 3600], {}]]`)
	dataText = []byte(`{"Model_0": {"val_out": 1.5, "delta": -0.25}, "Model_1": {"val_out": 20.125, "delta": 1e-07}}`)
)

// readData walks over a get_data reply as a simulator's driver does.
func readData(data codec.Raw) (sum float64, err error) {
	for entity, err := range codec.JSON.Members(data) {
		if err != nil {
			return 0, err
		}
		for attr, err := range codec.JSON.Members(entity.Value) {
			if err != nil {
				return 0, err
			}
			f, err := codec.JSON.Float(attr.Value)
			if err != nil {
				return 0, err
			}
			sum += f
		}
	}
	return sum, nil
}

func TestHotMessagesDoNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 1024)
	parts := make([]codec.Raw, 0, 8)
	number := []byte("-1234.5e-3")
	var values any = []any{1.5, "text", 42, []any{1.5, "x"}, codec.Object{{Key: "a", Value: 2.5}}, []float64{1, 2}, []string{"a"}}
	for name, f := range map[string]func() error{
		"encode a call":    func() error { _, err := codec.JSON.Append(buf, stepCall); return err },
		"encode values":    func() error { _, err := codec.JSON.Append(buf, values); return err },
		"split a message":  func() error { _, err := codec.JSON.Split(parts, stepText); return err },
		"read data":        func() error { _, err := readData(dataText); return err },
		"read a scalar":    func() error { _, err := codec.JSON.Float(number); return err },
		"split, interface": func() error { var c codec.Codec = codec.JSON; _, err := c.Split(parts, stepText); return err },
	} {
		require.NoError(t, f())
		require.Zero(t, testing.AllocsPerRun(100, func() { _ = f() }), name)
	}
}

func BenchmarkAppendCall(b *testing.B) {
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.JSON.Append(buf, stepCall); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSplitMessage(b *testing.B) {
	parts := make([]codec.Raw, 0, 8)
	b.ReportAllocs()
	b.SetBytes(int64(len(stepText)))
	for b.Loop() {
		if _, err := codec.JSON.Split(parts, stepText); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadData(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(dataText)))
	for b.Loop() {
		if _, err := readData(dataText); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(dataText)))
	for b.Loop() {
		if _, err := codec.JSON.Decode(dataText); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendFloat(b *testing.B) {
	buf := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		codec.JSON.AppendFloat(buf, 0.30000000000000004)
	}
}
