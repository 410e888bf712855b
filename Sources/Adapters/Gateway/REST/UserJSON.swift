import Application
import Bytes
import Domain

/// Writes accounts and sessions as the REST API gives them.
enum UserJSON {
    /// A session's tokens, with its user where it was opened just now.
    static func write(_ tokens: SessionTokens, user: User?, into out: inout ByteWriter) {
        out.append("{")
        if let user {
            out.append("\"user\":")
            write(user, into: &out)
            out.append(ASCII.comma)
        }
        out.append("\"accessToken\":")
        out.append(jsonString: tokens.accessToken)
        out.append(",\"refreshToken\":")
        out.append(jsonString: tokens.refreshToken)
        out.append(",\"expiresIn\":")
        out.append(decimal: tokens.expiresIn)
        out.append("}")
    }

    /// A user as they see themselves.
    static func write(_ user: User, into out: inout ByteWriter) {
        out.append("{\"id\":")
        out.append(decimal: user.id.rawValue)
        out.append(",\"username\":")
        out.append(jsonString: user.username.text)
        out.append(",\"nickname\":")
        out.append(jsonString: user.nickname.text)
        out.append(",\"status\":")
        out.append(jsonString: user.status.rawValue)
        out.append(",\"profileImageUrl\":")
        out.append(jsonStringOrNull: user.profileImageURL)
        out.append(",\"backgroundImageUrl\":")
        out.append(jsonStringOrNull: user.backgroundImageURL)
        out.append(",\"lastSeenAt\":")
        out.append(jsonStringOrNull: user.lastSeenAt?.description)
        out.append(",\"bio\":")
        out.append(jsonStringOrNull: user.bio)
        out.append(",\"userCode\":")
        out.append(jsonString: user.userCode.text)
        out.append(",\"role\":")
        out.append(jsonString: user.role.rawValue)
        out.append(",\"createdAt\":")
        out.append(jsonString: user.createdAt.description)
        out.append("}")
    }
}
