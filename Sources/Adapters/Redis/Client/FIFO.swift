/// A queue: appended to at one end, taken from at the other, each in constant time (amortised) and without allocating
/// once it has grown to the size in use.
struct FIFO<Element> {
    private var storage: [Element?] = []
    private var head = 0

    /// The number of elements.
    var count: Int { storage.count - head }

    var isEmpty: Bool { count == 0 }

    /// The oldest element.
    var first: Element? { isEmpty ? nil : storage[head] }

    /// Puts an element at the end.
    mutating func append(_ element: Element) { storage.append(element) }

    /// Takes the oldest element out.
    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = storage[head].take()
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64 && head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Calls `body` with each element, oldest first.
    func forEach(_ body: (Element) -> Void) {
        for index in head..<storage.count {
            if let element = storage[index] {
                body(element)
            }
        }
    }

    /// Takes all out, oldest first, and gives the memory back.
    mutating func removeAll() -> [Element] {
        defer { self = FIFO() }
        return storage[head...].compactMap { $0 }
    }
}
