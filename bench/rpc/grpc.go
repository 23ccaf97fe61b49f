package main

import (
	"context"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/simrun/simrun/internal/bench"
)

// payload is what the others carry in both directions: two numbers of eight bytes.
var payload = make([]byte, 16)

// echoService is a gRPC service whose method returns its argument.
var echoService = grpc.ServiceDesc{
	ServiceName: "bench.Echo",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{
		MethodName: "Echo",
		Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			in := new(wrapperspb.BytesValue)
			return in, decode(in)
		},
	}},
}

func serveGRPC() (address string, stop func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	bench.Check(err)
	s := grpc.NewServer()
	s.RegisterService(&echoService, nil)
	done := make(chan error)
	go func() { done <- s.Serve(l) }()
	return l.Addr().String(), func() {
		s.Stop()
		bench.Check(<-done)
	}
}

func measureGRPC(s setting, address string, d time.Duration) float64 {
	c, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	bench.Check(err)
	defer func() { bench.Check(c.Close()) }()
	ctx := context.Background()
	in := wrapperspb.Bytes(payload)
	return count(callersOf(s), d, func() {
		bench.Check(c.Invoke(ctx, "/bench.Echo/Echo", in, new(wrapperspb.BytesValue)))
	})
}
