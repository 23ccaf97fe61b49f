package channel_test

import (
	"bytes"
	"fmt"

	"github.com/simrun/simrun/channel"
)

// What a recorder has seen of a connection.
func ExampleFrameReader() {
	var wire []byte
	wire = channel.AppendFrame(wire, []byte(`[0, 0, ["add", [1, 2], {}]]`))
	wire = channel.AppendFrame(wire, []byte(`[1, 0, 3]`))
	fmt.Printf("%q\n", wire[:8])

	frames := channel.NewFrameReader(bytes.NewReader(wire), channel.DefaultMaxFrame)
	for {
		payload, err := frames.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s\n", payload)
	}
	// Output:
	// "\x00\x00\x00\x1b[0, "
	// [0, 0, ["add", [1, 2], {}]]
	// [1, 0, 3]
	// the peer closed the connection
}
