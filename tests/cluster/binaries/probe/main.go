// Command probe does the small things that the check of the cluster asks of a pod.
package main

import (
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	if err := probe(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func probe(action, object string) error {
	switch action {
	case "resolve":
		addresses, err := net.LookupHost(object)
		fmt.Println(addresses)
		return err
	case "write":
		return os.WriteFile(object, []byte("written by a pod\n"), 0o644)
	case "read":
		content, err := os.ReadFile(object)
		fmt.Print(string(content))
		return err
	case "wait":
		pause, err := time.ParseDuration(object)
		time.Sleep(pause)
		return err
	default:
		return fmt.Errorf("no action %q", action)
	}
}
