import Glibc

/// A line plot as SVG: sizes along a logarithmic axis, one line for each series.
struct LinePlot {
    struct Series {
        let name: String
        let points: [(x: Double, y: Double)]
    }

    let title: String
    let xLabel: String
    let yLabel: String
    let series: [Series]

    private static let (width, height) = (640.0, 320.0)
    private static let (left, right, top, bottom) = (70.0, 20.0, 36.0, 48.0)
    private static let colours = ["#1f6feb", "#d1242f", "#1a7f37"]

    var svg: String {
        var out = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" \
            font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            <text x="\(Self.left)" y="20" font-size="14">\(title)</text>
            <text x="\(Self.width / 2)" y="\(Self.height - 8)" text-anchor="middle">\(xLabel)</text>
            <text x="14" y="\(Self.height / 2)" text-anchor="middle" transform="rotate(-90 14 \(Self.height / 2))">\
            \(yLabel)</text>

            """
        out += grid
        for (index, line) in series.enumerated() {
            let colour = Self.colours[index % Self.colours.count]
            let points = line.points.map { "\(text(x($0.x))),\(text(y($0.y)))" }
            out += "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\" "
            out += "points=\"\(points.joined(separator: " "))\"/>\n"
            for point in line.points {
                out += "<circle cx=\"\(text(x(point.x)))\" cy=\"\(text(y(point.y)))\" r=\"3\" fill=\"\(colour)\"/>\n"
            }
            let place = Self.left + 10 + Double(index) * 180
            out += "<text x=\"\(place)\" y=\"\(Self.top + 10)\" fill=\"\(colour)\">\(line.name)</text>\n"
        }
        return out + "</svg>\n"
    }

    private var grid: String {
        var out = ""
        for part in 0...4 {
            let value = yMax * Double(part) / 4
            out += "<line x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" y1=\"\(text(y(value)))\" "
            out += "y2=\"\(text(y(value)))\" stroke=\"#ddd\"/>\n"
            out += "<text x=\"\(Self.left - 6)\" y=\"\(text(y(value) + 4))\" text-anchor=\"end\">"
            out += "\(LoadReport.number(value))</text>\n"
        }
        for value in Set(all.map(\.x)).sorted() {
            out += "<text x=\"\(text(x(value)))\" y=\"\(Self.height - Self.bottom + 18)\" text-anchor=\"middle\">"
            out += "\(LoadReport.number(value))</text>\n"
        }
        return out
    }

    private var all: [(x: Double, y: Double)] { series.flatMap(\.points) }
    private var yMax: Double { (all.map(\.y).max() ?? 1) * 1.15 }

    private func x(_ value: Double) -> Double {
        let logs = all.map { log10($0.x) }
        let (low, high) = (logs.min() ?? 0, logs.max() ?? 1)
        let part = high > low ? (log10(value) - low) / (high - low) : 0.5
        return Self.left + 10 + part * (Self.width - Self.left - Self.right - 20)
    }

    private func y(_ value: Double) -> Double {
        Self.height - Self.bottom - value / yMax * (Self.height - Self.top - Self.bottom)
    }

    private func text(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
