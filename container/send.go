package container

// Send sends another agent a message, which is a call of a method that nobody waits
// for. It arrives as a call does. Send takes no time and may be called by whatever
// the agent does.
//
// What the method returns is lost, but its error is one of the receiver's behaviour
// and ends the run, also if the arguments do not fit or there is no such method: no
// one else would learn of it. A message to a name that nobody has when it arrives
// is lost: agents come and go. So is all that becomes of a message to an address
// elsewhere. Who wants to know calls.
//
// Send fails with a *CallError if the arguments cannot be sent, or the agent was
// removed.
func (a *Agent) Send(agent, method string, args ...any) error {
	err := a.present()
	if err == nil {
		err = a.sendTo(agent, method, args)
	}
	if err != nil {
		return &CallError{Agent: agent, Method: method, Err: err}
	}
	return nil
}

func (a *Agent) sendTo(agent, method string, args []any) error {
	p, err := a.parcel(oneWayMessage, agent, method, args)
	if err != nil {
		return err
	}
	return a.container.send(a.actor, p)
}
