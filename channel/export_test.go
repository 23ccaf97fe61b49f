package channel

var ReadFrame = readFrame
