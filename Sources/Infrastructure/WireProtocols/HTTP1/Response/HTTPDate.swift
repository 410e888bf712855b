import Bytes

/// The form of dates in HTTP (RFC 9110 §5.6.7), such as `Sun, 06 Nov 1994 08:49:37 GMT`.
public enum HTTPDate {
    private static let weekdays: [StaticString] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The date for seconds since 1970; times before that are shown as its first second.
    public static func format(unixSeconds: Int64) -> [UInt8] {
        let time = max(0, unixSeconds)
        let (days, second) = time.quotientAndRemainder(dividingBy: 86_400)
        let date = civil(daysSince1970: days)
        var out = ByteWriter(capacity: 29)
        out.append(weekdays[Int(days % 7)])
        out.append(", ")
        appendTwoDigits(date.day, to: &out)
        out.append(ASCII.space)
        out.append(months[Int(date.month) - 1])
        out.append(ASCII.space)
        out.append(decimal: date.year)
        out.append(ASCII.space)
        appendTwoDigits(second / 3600, to: &out)
        out.append(ASCII.colon)
        appendTwoDigits(second / 60 % 60, to: &out)
        out.append(ASCII.colon)
        appendTwoDigits(second % 60, to: &out)
        out.append(" GMT")
        return out.bytes
    }

    private static func appendTwoDigits(_ value: Int64, to out: inout ByteWriter) {
        if value < 10 {
            out.append(ASCII.zero)
        }
        out.append(decimal: value)
    }

    /// Days to a date of the Gregorian calendar, reckoned in eras of 400 years that begin in March, so that the leap
    /// day is the last of its year.
    private static func civil(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
