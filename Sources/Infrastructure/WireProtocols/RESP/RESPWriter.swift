import Bytes

/// Encodes commands as arrays of bulk strings (RESP2, "Sending commands to a Redis server"), one after the other into
/// one buffer.
///
///     writer.command(3)
///     writer.bulk("SET")
///     writer.bulk { $0.append("user:"); $0.append(decimal: id) }
///     writer.bulk(value)
///
/// A command whose arguments are fewer or more than announced would shift every later one, so that is trapped.
public struct RESPWriter: Sendable {
    private var output: ByteWriter
    private var scratch = ByteWriter()

    /// How many arguments of the command at the end are still to be written.
    public private(set) var missingArguments = 0

    /// How many commands have been begun since the writer was empty.
    public private(set) var commandCount = 0

    /// A writer with room for `capacity` bytes before it first grows.
    public init(capacity: Int = 0) { output = ByteWriter(capacity: capacity) }

    /// The number of bytes written.
    public var count: Int { output.count }

    /// What has been written: whole commands only.
    public var bytes: [UInt8] {
        precondition(missingArguments == 0, "cannot take a command that lacks arguments")
        return output.bytes
    }

    /// Hands over what has been written, whole commands only, and begins anew with room for as much, within reason.
    public mutating func take() -> [UInt8] {
        let taken = bytes
        output = ByteWriter(capacity: min(taken.count, RESPLimits.keptWriterBytes))
        commandCount = 0
        return taken
    }

    /// Appends a whole command that was encoded before.
    public mutating func append(encoded command: [UInt8]) {
        precondition(missingArguments == 0, "cannot begin a command inside another")
        commandCount += 1
        output.append(command)
    }

    /// Begins a command of `count` arguments, its name included.
    public mutating func command(_ count: Int) {
        precondition(missingArguments == 0, "cannot begin a command inside another")
        precondition(count > 0, "cannot send a command without a name")
        missingArguments = count
        commandCount += 1
        output.append(UInt8(ascii: "*"))
        output.append(decimal: UInt64(count))
        endLine()
    }

    /// Writes an argument.
    public mutating func bulk(_ bytes: [UInt8]) {
        beginBulk(bytes.count)
        output.append(bytes)
        endLine()
    }

    /// Writes an argument out of borrowed bytes.
    public mutating func bulk(_ bytes: Span<UInt8>) {
        beginBulk(bytes.count)
        output.append(bytes)
        endLine()
    }

    /// Writes a literal argument.
    public mutating func bulk(_ literal: StaticString) {
        beginBulk(literal.utf8CodeUnitCount)
        output.append(literal)
        endLine()
    }

    /// Writes the UTF-8 of a string as an argument.
    public mutating func bulk(utf8 string: String) {
        beginBulk(string.utf8.count)
        output.append(utf8: string)
        endLine()
    }

    /// Writes a number in decimal as an argument.
    public mutating func bulk(decimal value: Int64) { bulk { $0.append(decimal: value) } }

    /// Writes a number in decimal as an argument.
    public mutating func bulk(decimal value: UInt64) { bulk { $0.append(decimal: value) } }

    /// Writes an argument that is put together by `compose`. Its length stands before it on the wire, so it is
    /// composed aside, in a buffer that is kept from one use to the next.
    public mutating func bulk(_ compose: (inout ByteWriter) -> Void) {
        scratch.removeAll()
        compose(&scratch)
        bulk(scratch.bytes)
    }

    /// Writes a whole command out of arguments that exist already.
    public mutating func command(_ arguments: [[UInt8]]) {
        command(arguments.count)
        for argument in arguments {
            bulk(argument)
        }
    }

    private mutating func beginBulk(_ count: Int) {
        precondition(missingArguments > 0, "cannot write an argument outside a command")
        missingArguments -= 1
        output.append(UInt8(ascii: "$"))
        output.append(decimal: UInt64(count))
        endLine()
    }

    private mutating func endLine() {
        output.append(ASCII.carriageReturn)
        output.append(ASCII.lineFeed)
    }
}
