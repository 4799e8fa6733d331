// One engine for tests, with a clock, a line and a handler of its own. What happens to it and what it sends are told as
// text, so that a test compares sentences.
#pragma once

#include "protocol/engine.hpp"
#include "wire/hello.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace echosocket::test {

/// One frame as text: kind, MORE, id, records, body; for example `RESPONSE 1 "hello"`. The texts of failures, and what
/// a HELLO holds, are left out.
[[nodiscard]] std::string sentence_of(const wire::frame& f);

struct end_options {
    echosocket::limits limits{};
    std::chrono::milliseconds ping_interval{0};
    std::chrono::milliseconds max_deadline{0};
    std::string name{"an end"};
};

/// Drives an engine as `net::connection` does. It takes requests by the name of their task:
///
/// - `echo` is answered at once with its arguments, `refuse` with `bad_request`;
/// - anything else is kept until `answer` or `fail`. One that is cancelled is answered with the reason, unless
///   `ignores_cancels`.
///
/// Checks on the way that each call ends once, that at most four bodies are unfinished, and that no timer stays due.
class engine_end {
public:
    explicit engine_end(protocol::role role, end_options given = {});
    engine_end(const engine_end&) = delete;
    engine_end& operator=(const engine_end&) = delete;

    void begin();
    /// Begins, hears the other end's HELLO, and forgets what was said.
    void open(const wire::hello& theirs = {.name = "a peer"});
    /// Bytes arrive: all at once, or in chunks of so many.
    void hear(std::string_view bytes, std::size_t chunk = std::numeric_limits<std::size_t>::max());
    void hear_end();
    /// Time passes; each timer fires when it is due.
    void wait(std::chrono::milliseconds time);
    /// The clock moves, no timer fires yet.
    void set_clock(protocol::time_point now);
    void handle_timeout();
    /// Handles what happened, and writes what the line takes.
    void run();

    /// What happened since the last time, joined by "; ".
    [[nodiscard]] std::string events();
    /// The frames that the line took since the last time, joined by "; ".
    [[nodiscard]] std::string says();
    /// The bytes that the line took since the last time.
    [[nodiscard]] std::string take_output() { return std::exchange(output_, {}); }
    /// Why the connection is over; `none` if it is not.
    [[nodiscard]] std::string reason() const;
    void forget();

    // Calls and notifications of this end, each followed by `run`.
    protocol::outbound_call_ptr call(std::string_view task, std::string_view body = {},
                                     std::chrono::milliseconds timeout = std::chrono::milliseconds(0));
    /// The streams record's bits, and a stream that lives as long as this end.
    protocol::outbound_call_ptr stream_call(std::string_view task, std::uint8_t bits, std::string_view body = {});
    /// Returns the failure that `begin_call` returned.
    std::optional<failure> try_call(const protocol::outbound_call_ptr& call);
    std::optional<failure> cancel(const protocol::outbound_call_ptr& call);
    void notify(std::string_view topic, std::string_view body, const queue_rules& rules = {}, std::string_view key = {},
                std::string_view lane = {});

    // Kept calls of the other end.
    /// Returns what `engine::release` returned.
    bool answer(std::uint32_t id, std::string_view body = {});
    bool fail(std::uint32_t id, const failure& why);
    [[nodiscard]] protocol::stream& stream_of(std::uint32_t id) { return *streams_.at(id); }
    protocol::send_status send_item(protocol::stream& s, std::string_view body,
                                    protocol::streams::room needed = protocol::streams::room::awaited);
    void end_stream(protocol::stream& s, const std::optional<failure>& why = {});
    /// Consumes the items that came, on whatever stream.
    void consume();
    /// Is done with so many of the notifications that came, the oldest.
    void handle_notifications(std::size_t count);
    [[nodiscard]] std::size_t unhandled() const noexcept { return unhandled_.size(); }

    /// Bytes that the line still takes.
    std::size_t line_takes = std::numeric_limits<std::size_t>::max();
    bool ignores_cancels = false;
    bool keeps_all = false;            ///< Even `echo`.
    bool keeps_notifications = false;  ///< Until `handle_notifications`; else each is done with at once.
    std::optional<failure> unwelcome;  ///< What the other end's HELLO is answered with.
    bool awaits_welcome = false;       ///< The test accepts by itself.
    bool send_is_shut = false;
    std::uint64_t requests_sent = 0;                                  ///< Whole ones.
    std::uint64_t answers_sent = 0;                                   ///< Whole ones.
    std::vector<std::optional<std::chrono::milliseconds>> deadlines;  ///< Of the requests that came, from their time.

    protocol::engine_settings settings;
    protocol::time_point now{std::chrono::hours(1)};
    protocol::engine engine;

private:
    void handle(protocol::event& e);
    void take_request(const protocol::event& e);
    void give_back();
    void write();
    bool write_some();
    void note_sent();
    void note(std::string what);

    std::string events_;
    std::string says_;
    std::string output_;
    std::string unparsed_;
    std::unique_ptr<char[]> input_;  // of exactly the bytes that are there, so that reading too far is noticed
    std::size_t input_size_ = 0;
    bool is_blocked_ = false;
    std::set<std::pair<wire::frame_kind, std::uint32_t>> unfinished_;
    std::set<protocol::outbound_call_ptr> ended_;
    std::map<std::uint32_t, std::unique_ptr<protocol::stream>> streams_;
    std::vector<std::unique_ptr<protocol::stream>> own_streams_;
    std::vector<std::pair<protocol::stream*, std::size_t>> unconsumed_;
    std::deque<std::size_t> unhandled_;  // what the notifications cost
};

}  // namespace echosocket::test
