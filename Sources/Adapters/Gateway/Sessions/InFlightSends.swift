import Domain

/// One step of one message's life.
struct StatusStep: Sendable, Equatable {
    let tempID: TempID
    let status: MessageStatus
}

/// A session's sends that have no answer yet, each with the last step that the room has told since it was sent: where one
/// turns out to be a repeat, its session is told how far the first has come, and steps must not come twice or go back.
///
/// There are at most as many as a session may have under way (`GatewayLimits.maxOutstandingPerSession`), a few mostly.
struct InFlightSends {
    private var sends: [(tempID: TempID, heard: MessageStatus)] = []

    /// A send begins: `SENDING` was the last step.
    mutating func begin(_ tempID: TempID) { sends.append((tempID, .sending)) }

    /// The room tells a step.
    mutating func told(_ step: StatusStep) {
        for index in sends.indices where sends[index].tempID == step.tempID {
            sends[index].heard = step.status
        }
    }

    /// A send is answered; gives the last step that was told since it began.
    mutating func end(_ tempID: TempID) -> MessageStatus {
        guard let index = sends.firstIndex(where: { $0.tempID == tempID }) else { return .sending }
        return sends.remove(at: index).heard
    }
}

extension MessageStatus {
    /// Whether it comes later in a message's life than what was heard of it.
    func isLater(than heard: MessageStatus) -> Bool { place > heard.place }

    private var place: Int {
        switch self {
        case .sending: 0
        case .sentToStream: 1
        case .processing: 2
        case .saved: 3
        case .outcomeUnknown, .failed: 4
        }
    }
}
