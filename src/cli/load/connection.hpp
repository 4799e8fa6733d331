// One connection of the load generator, and the requests it still has to send.
#pragma once

#include "cli/load/dialect.hpp"
#include "cli/load/payload.hpp"
#include "cli/load/pending.hpp"
#include "cli/load/sockets.hpp"

#include <sys/uio.h>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::load {

struct connection {
    connection(descriptor opened, std::uint32_t number, std::size_t most_pending)
        : socket(std::move(opened)), index(number), depth(most_pending), under_way(most_pending) {}

    descriptor socket;
    std::uint32_t index;
    std::size_t depth;
    bool flood = false;  // reported separately
    pending under_way;
    std::uint64_t due = 0;     // requests that may be sent as soon as there is room
    std::uint64_t issued = 0;  // requests sent so far
    std::uint64_t answers = 0;

    std::string out;  // `out_at` bytes of it are sent
    std::size_t out_at = 0;
    std::size_t tail_left = 0;  // bytes of the last request's payload, sent from the shared copy
    bool waits_for_room = false;

    std::string carry;  // the start of an incomplete head
    head current;       // of the answer whose body is being read
    std::size_t body_left = 0;
    bool right = true;
    std::uint32_t answered = 0;  // in a dialect without sequence numbers: the next request to be answered

    [[nodiscard]] std::uint64_t stamp(std::uint32_t sequence) const noexcept {
        return std::uint64_t{index} << 32 | sequence;
    }
    [[nodiscard]] bool has_unsent() const noexcept { return out_at < out.size() || tail_left > 0; }
};

/// Starts a connection: sends the greeting with the first request, unless the other end must answer it first.
template <dialect Dialect>
bool greet(const Dialect& spoken, connection& c) {
    c.out = spoken.greeting(c.index);
    if (spoken.greeting_answer_size() == 0) return true;
    std::string answer(spoken.greeting_answer_size(), '\0');
    const auto sent = ::send(c.socket.get(), c.out.data(), c.out.size(), MSG_NOSIGNAL);
    const auto got = ::recv(c.socket.get(), answer.data(), answer.size(), MSG_WAITALL);
    const bool complete = sent == static_cast<ssize_t>(c.out.size()) && got == static_cast<ssize_t>(answer.size());
    c.out.clear();
    return complete;
}

/// Builds and sends requests: many small ones with one system call, large ones without copying their payload.
template <dialect Dialect>
class sender {
public:
    sender(const Dialect& spoken, const payload& carried) : dialect_(spoken), payload_(carried) {
        const std::string_view body = payload_.request();
        const std::size_t copied = body.size() < large ? body.size() : payload::stamp_size;
        request_.assign(dialect_.request_head()).append(body.substr(0, copied));
        tail_ = body.substr(copied);
    }

    /// Sends the requests that are due, as far as depth and socket allow. `began` returns when a request counts as
    /// begun. Returns false if the connection is lost.
    template <class Began>
    bool send_due(connection& c, Began began) {
        for (;;) {
            while (c.due > 0 && c.under_way.count() < c.depth && (tail_.empty() || !c.has_unsent())) build(c, began(c));
            if (!c.has_unsent()) return true;
            if (!flush(c)) return false;
            if (c.has_unsent() || tail_.empty()) return true;
        }
    }

private:
    static constexpr std::size_t large = 64 * 1024;

    void build(connection& c, std::int64_t began) {
        const auto sequence = c.under_way.begin(began);
        const std::size_t at = c.out.size();
        c.out.append(request_);
        dialect_.number(c.out.data() + at, c.index, sequence);
        if (payload_.stamped()) {
            const auto stamp = c.stamp(sequence);
            std::memcpy(c.out.data() + at + dialect_.request_head().size(), &stamp, payload::stamp_size);
        }
        c.tail_left = tail_.size();
        --c.due;
        ++c.issued;
    }

    bool flush(connection& c) {
        while (c.has_unsent()) {
            const std::size_t unsent = c.out.size() - c.out_at;
            std::array<iovec, 2> parts{
                iovec{c.out.data() + c.out_at, unsent},
                iovec{const_cast<char*>(tail_.data()) + (tail_.size() - c.tail_left), c.tail_left}};
            msghdr message{};
            message.msg_iov = parts.data();
            message.msg_iovlen = c.tail_left == 0 ? 1 : 2;
            const auto sent = ::sendmsg(c.socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0) return errno == EAGAIN || errno == EINTR;
            const auto bytes = static_cast<std::size_t>(sent);
            c.out_at += std::min(bytes, unsent);
            c.tail_left -= bytes - std::min(bytes, unsent);
        }
        c.out.clear();
        c.out_at = 0;
        return true;
    }

    const Dialect& dialect_;
    const payload& payload_;
    std::string request_;    // head and payload, or only the payload's start
    std::string_view tail_;  // the rest of a large payload
};

/// Reads answers and matches them to requests.
template <dialect Dialect>
class receiver {
public:
    receiver(const Dialect& spoken, const payload& expected) : dialect_(spoken), payload_(expected) {}

    /// Takes the bytes read on a connection. Calls `answered(sequence, right, text)`; `text` says why if the request
    /// was refused. Returns false if the bytes are not of this protocol.
    template <class Answered>
    bool take(connection& c, std::string_view bytes, Answered answered) {
        while (!bytes.empty() || (c.body_left == 0 && c.current.kind != head_kind::incomplete)) {
            if (c.current.kind == head_kind::incomplete) {
                c.current = dialect_.parse(bytes);
                if (c.current.kind == head_kind::broken) return false;
                if (c.current.kind == head_kind::incomplete) break;
                bytes.remove_prefix(c.current.size);
                begin_body(c);
            }
            const auto part = bytes.substr(0, c.body_left);
            if (c.current.kind == head_kind::answer) check(c, part);
            c.body_left -= part.size();
            bytes.remove_prefix(part.size());
            if (c.body_left > 0) break;
            const auto kind = std::exchange(c.current.kind, head_kind::incomplete);
            if (kind != head_kind::other)
                answered(c.current.sequence, c.right, kind == head_kind::refusal ? part : std::string_view{});
        }
        c.carry.assign(bytes);
        return true;
    }

private:
    void begin_body(connection& c) {
        c.body_left = c.current.body;
        c.right = c.current.kind == head_kind::answer;
        if (Dialect::in_order && c.current.kind != head_kind::other) c.current.sequence = c.answered++;
    }

    void check(connection& c, std::string_view part) {
        const std::size_t offset = c.current.body - c.body_left;
        c.right = c.right && payload_.matches(part, offset, c.current.body, c.stamp(c.current.sequence));
    }

    const Dialect& dialect_;
    const payload& payload_;
};

}  // namespace echosocket::load
