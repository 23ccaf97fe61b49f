package container

// Watch has a function told of messages as that of [WithTrace] is, beside it, from now on
// until it returns false: for somebody who wants to see some of them. It must be called
// while no agent runs, and the function must not call it.
func (c *Container) Watch(tell func(Message) (more bool)) {
	c.hear = func(m Message) {
		if c.tell != nil {
			c.tell(m)
		}
		if !tell(m) {
			c.hear = c.tell
		}
	}
}
