// The answering end of NATS request/reply: subscribes to `echo` at the broker and publishes every payload to its inbox.
// It uses the text protocol over one blocking socket, and reads and writes as much at a time as there is.
#include "arguments.hpp"
#include "cli/load/sockets.hpp"
#include "serving.hpp"

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace echosocket;

bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// `MSG echo 1 INBOX SIZE` and a payload become `PUB INBOX SIZE` and the same payload. Returns the number of bytes
/// used.
std::size_t answer(std::string_view bytes, std::string& out) {
    std::size_t taken = 0;
    for (;;) {
        const auto rest = bytes.substr(taken);
        const auto end = rest.find("\r\n");
        if (end == std::string_view::npos) return taken;
        const auto line = rest.substr(0, end);
        std::size_t size = 0;
        if (line.starts_with("MSG ")) {
            const auto digits = line.substr(line.rfind(' ') + 1);
            std::from_chars(digits.data(), digits.data() + digits.size(), size);
            if (rest.size() < end + 4 + size) return taken;
            const auto inbox_and_size = line.substr(line.find(' ', line.find(' ', 4) + 1) + 1);
            out.append("PUB ").append(inbox_and_size).append("\r\n").append(rest.substr(end + 2, size + 2));
            size += 2;
        } else if (line == "PING") {
            out.append("PONG\r\n");
        }
        taken += end + 2 + size;
    }
}

int work(const bench::arguments& given) {
    const auto target = load::resolve(given.text("address"));
    if (!target) return 2;
    const auto broker = load::connect_to(*target);
    if (!broker) return 2;
    const int fd = broker->get();
    if (!send_all(fd, "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB echo 1\r\nPING\r\n")) return 1;
    bench::announce(
        static_cast<std::uint16_t>(std::stoul(given.text("address").substr(given.text("address").rfind(':') + 1))));

    std::vector<char> buffer(4 * 1024 * 1024);
    std::size_t have = 0;
    std::string out;
    for (;;) {
        const auto got = ::recv(fd, buffer.data() + have, buffer.size() - have, 0);
        if (got <= 0) return 1;
        have += static_cast<std::size_t>(got);
        out.clear();
        const auto taken = answer({buffer.data(), have}, out);
        std::copy(buffer.data() + taken, buffer.data() + have, buffer.data());
        have -= taken;
        if (!send_all(fd, out)) return 1;
    }
}

}  // namespace

int main(int count, char** values) {
    return work(bench::arguments(count, values));
}
