import Testing

@testable import EventLoop

@Suite("Mailboxes")
struct MailboxTests {
    @Test("The loop is woken once per batch")
    func wakes() {
        let mailbox = Mailbox()
        var wakes = 0
        for _ in 0..<5 {
            #expect(mailbox.post(.body {}) { wakes += 1 })
        }
        #expect(wakes == 1)
        var batch: [Mailbox.Item] = []
        mailbox.take(into: &batch)
        #expect(batch.count == 5)
        #expect(mailbox.post(.body {}) { wakes += 1 })
        #expect(wakes == 2)
    }

    @Test("A draining mailbox wakes nobody; a closed one takes nothing")
    func closing() {
        let mailbox = Mailbox()
        var wakes = 0
        mailbox.beginDraining()
        #expect(mailbox.post(.body {}) { wakes += 1 })
        #expect(!mailbox.closeIfEmpty())
        var batch: [Mailbox.Item] = []
        mailbox.take(into: &batch)
        #expect(batch.count == 1)
        #expect(mailbox.closeIfEmpty())
        #expect(!mailbox.post(.body {}) { wakes += 1 })
        #expect(wakes == 0)
    }
}
