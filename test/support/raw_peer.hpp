// The other end of a connection, played by a test: it sends any bytes and expects frames, so that each line of a test
// is one step of the conversation. It plays the client of our server, and the server of our client.
//
//     peer.sends(raw::hello());
//     peer.expects_hello();
//     peer.sends(raw::request(1, "echo", "x"));
//     peer.expects_reply(1, "x");
//     peer.sends(raw::hello());
//     peer.expects_the_end_because(errc::protocol_error);
#pragma once

#include "support/raw_frames.hpp"
#include "wire/hello.hpp"

#include <echosocket/error.hpp>
#include <echosocket/transport.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>

namespace echosocket::test {

/// Every `expects_` fails the test at once if something else comes, and names the line of the step.
class raw_peer {
public:
    using step = std::source_location;
    /// How the code under test gets to run.
    struct runner {
        std::function<void(const std::function<bool()>&)> until;  ///< ...it holds, or nothing happens any longer.
        std::function<void()> settle;                             ///< Until nothing is ready any longer.
    };

    raw_peer(std::unique_ptr<transport> line, runner run) : line_(std::move(line)), run_(std::move(run)) {}

    /// Sends as much as the other end takes.
    void sends(std::string_view bytes);
    /// The same in steps; the other end reads each step before the next is sent.
    void sends_in_steps_of(std::size_t bytes, std::string_view all);
    /// Sends its HELLO and expects the other's.
    wire::hello greets(const wire::hello& mine = {.name = "raw peer"}, step at = step::current());
    /// Sends the same over and over and reads nothing, until the other end cuts it off.
    void floods(std::string_view bytes);
    /// Ends its sending direction.
    void sends_no_more();
    /// Closes the connection, unless it is closed.
    void leaves();

    raw::frame expects_frame(step at = step::current());
    wire::hello expects_hello(step at = step::current());
    /// A reply in one frame or in several.
    void expects_reply(std::uint32_t id, std::string_view body, step at = step::current());
    /// Returns the text.
    std::string expects_error(std::uint32_t id, errc code, step at = step::current());
    void expects_pong(std::string_view body, step at = step::current());
    void expects_request(std::uint32_t id, std::string_view task, std::string_view body, step at = step::current());
    void expects_cancel(std::uint32_t id, step at = step::current());
    /// Nothing has come, and the connection is open.
    void expects_nothing(step at = step::current());
    /// The connection ends, and nothing comes before that; then leaves.
    void expects_the_end(step at = step::current());
    /// An ERROR about the connection, then its end; then leaves. Returns the text.
    std::string expects_the_end_because(errc reason, step at = step::current());
    /// The same, whatever frames come before.
    std::string expects_the_end_at_last_because(errc reason, step at = step::current());

    /// Returns true if the connection has ended, as far as it was read.
    [[nodiscard]] bool has_ended();
    /// Returns true if a send has failed, since the other end takes no more.
    [[nodiscard]] bool is_cut_off() const noexcept { return cut_off_; }
    /// Bytes that came and were not yet expected.
    std::size_t unread();
    /// Reads at most that many bytes of those that are there, and no more until told to; 0 stops reading.
    void reads_only(std::size_t bytes);
    void reads_again() { budget_ = SIZE_MAX; }
    /// Drops what came.
    void forgets();

private:
    /// False if the line takes no more for now.
    bool send_some(std::string_view& bytes);
    void read_available();
    [[nodiscard]] std::optional<raw::frame> next_frame();
    raw::frame expects(raw::frame_kind kind, std::uint32_t id, step at);
    void fail(const step& at, const std::string& expected) const;

    std::unique_ptr<transport> line_;
    runner run_;
    std::string inbox_;
    std::size_t budget_ = SIZE_MAX;
    bool ended_ = false;
    bool cut_off_ = false;  ///< The bytes that it sends go nowhere from now on.
};

}  // namespace echosocket::test
