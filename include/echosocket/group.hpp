// Groups of peers, for example chat rooms.
#pragma once

#include <echosocket/peer.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace echosocket {

namespace detail {
class group_state;
class group_call;

/// What one member answered.
struct raw_answer {
    peer from;
    result<raw_reply> reply;
};
[[nodiscard]] asio::awaitable<std::optional<raw_answer>> next_answer(std::shared_ptr<group_call> of);
void close_group_call(const std::shared_ptr<group_call>& of);
}  // namespace detail

/// What a call to a whole group asks for beyond its arguments.
struct ask_options {
    std::chrono::milliseconds timeout{5'000};  ///< For all answers together; 0 is none.
    std::size_t quorum = 0;  ///< Successful answers after which the other calls are cancelled; 0 waits for all.
};

/// What one member answered.
template <class T>
struct answer {
    peer from;
    result<T> reply;
};

/// The answers of a group's members, as they arrive.
///
/// Thread safety: one `next` after the other has ended; from any executor.
/// Lifetime: dropping it cancels what is still running.
template <class T>
class answers {
public:
    explicit answers(std::shared_ptr<detail::group_call> group_call) : group_call_(std::move(group_call)) {}
    answers(answers&&) noexcept = default;
    answers& operator=(answers&& other) noexcept {
        std::swap(group_call_, other.group_call_);
        return *this;
    }
    ~answers() {
        if (group_call_) detail::close_group_call(group_call_);
    }

    /// The next answer, which may be a failure; empty once all have answered, the quorum is reached, or the time is
    /// over.
    ///
    /// Cancellation: terminal, partial, total; returns empty, and what is still running is cancelled.
    [[nodiscard]] asio::awaitable<std::optional<answer<T>>> next() { return decode(group_call_); }

private:
    static asio::awaitable<std::optional<answer<T>>> decode(std::shared_ptr<detail::group_call> group_call) {
        auto raw = co_await detail::next_answer(group_call);
        if (!raw) co_return std::nullopt;
        if (!raw->reply) co_return answer<T>{std::move(raw->from), failure(std::move(raw->reply.error()))};
        if constexpr (detail::reads_json<T>) {
            if (raw->reply->body.size() > detail::json_step) {
                const auto document = co_await detail::parse_reply<T>(raw->reply->body);
                if (!document) co_return std::nullopt;
                co_return answer<T>{std::move(raw->from), detail::read_reply<T>(document)};
            }
        }
        auto reply = decode_reply<T>(std::move(raw->reply->body));
        co_return answer<T>{std::move(raw->from), std::move(reply)};
    }

    std::shared_ptr<detail::group_call> group_call_;
};

/// A cheap handle to a group of a server's peers. A group exists as long as it has members, or somebody holds a handle.
///
/// Thread safety: all members may be called from any thread. Every member sees the group's notifications in the same
/// order, from its `join` to its `leave` without a gap.
/// Lifetime: a handle may outlive the server's `run()`.
class group {
public:
    explicit group(std::shared_ptr<detail::group_state> state) : state_(std::move(state)) {}

    [[nodiscard]] const std::string& name() const noexcept;

    /// Makes a peer a member, until its connection ends; does nothing if it is one already.
    ///
    /// Errors: `connection_lost` if the connection has ended, `overloaded` above `limits::max_groups`, `bad_request` if
    /// it is no peer of this server.
    result<void> join(const peer& member) const;
    /// Returns false if it was no member.
    bool leave(const peer& member) const;
    [[nodiscard]] bool has(const peer& member) const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::vector<peer> members() const;

    /// Notifies every member; the payload is encoded once and no member waits for another. Returns how many there were.
    ///
    /// Errors: throws `usage_error(invalid_name)` for a topic that is empty, over 255 bytes or not UTF-8.
    template <class... Args>
    std::size_t notify(std::string_view topic, const Args&... args) const {
        return notify_raw(topic, encode_arguments(args...));
    }
    template <class... Args>
    std::size_t notify(const notify_options& options, std::string_view topic, const Args&... args) const {
        return notify_raw(topic, encode_arguments(args...), options);
    }
    /// The same for all but one.
    template <class... Args>
    std::size_t notify_others(const peer& but, std::string_view topic, const Args&... args) const {
        return notify_raw(topic, encode_arguments(args...), notify_options(), but);
    }
    std::size_t notify_raw(std::string_view topic, encoded_body&& body,
                           const notify_options& options = notify_options(), const peer& but = peer()) const;

    /// Calls a task of every member at once; the answers come one by one, as they arrive.
    template <class T, class... Args>
    [[nodiscard]] answers<T> ask(const ask_options& options, std::string_view task, const Args&... args) const {
        return answers<T>(ask_raw(options, task, encode_arguments(args...)));
    }

private:
    [[nodiscard]] std::shared_ptr<detail::group_call> ask_raw(const ask_options& options, std::string_view task,
                                                              encoded_body&& body) const;

    std::shared_ptr<detail::group_state> state_;
};

}  // namespace echosocket
