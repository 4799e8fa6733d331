// The writer of a connection: what fits goes out at once, the rest when the line takes more.
#include "connection/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <string_view>
#include <utility>

namespace echosocket::net {

namespace {

// Pieces that one system call writes.
constexpr std::size_t max_pieces = 64;
// Bytes of large bodies in one go; then others on this thread have their turn, and what came in meanwhile is answered.
constexpr std::size_t split_bytes_in_one_go = 64 * 1024;

}  // namespace

void connection::write_now() {
    if (writing_) return count_output();
    if (engine_.is_closed()) return;
    if (engine_.has_output() && !write_what_fits()) return start_writer();
    if (engine_.finishes_sending()) transport_->shutdown_send();
}

bool connection::write_what_fits() {
    if (engine_.is_splitting() && is_socket_ && !std::exchange(limits_unsent_, true)) socket().limit_unsent();
    std::size_t in_one_go = 0;
    while (engine_.has_output()) {
        if (engine_.only_pieces_left() && in_one_go >= split_bytes_in_one_go) return false;
        std::array<std::string_view, max_pieces> pieces;
        std::array<asio::const_buffer, max_pieces> buffers;
        const std::size_t count = engine_.gather(pieces);
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < count; ++i) {
            buffers[i] = {pieces[i].data(), pieces[i].size()};
            bytes += pieces[i].size();
        }
        const io_result io = transport_->write_some({buffers.data(), count});
        add_bytes_out(io.bytes);
        engine_.wrote(io.bytes);
        in_one_go += io.bytes;
        // A short write means a full socket: asking again would only be told so.
        if (io.error == asio::error::would_block || (!io.error && io.bytes < bytes)) return false;
        if (io.error) engine_.output_failed();
    }
    return true;
}

void connection::start_writer() {
    refresh_now();
    engine_.blocked();
    writing_ = true;
    count_output();
    auto ended = [this, keep = shared_from_this()](const std::exception_ptr& thrown) { writer_ended(thrown); };
    try {
        asio::co_spawn(executor(), write_when_writable(), std::move(ended));
    } catch (...) {
        writing_ = false;
        throw;
    }
}

void connection::writer_ended(const std::exception_ptr& thrown) noexcept {
    writing_ = false;
    if (thrown) broke(thrown);
    flush();
    count_output();
    if (waits_) waits_->end_of_writer.notify();
}

asio::awaitable<void> connection::write_when_writable() {
    bool all_written = false;
    while (!all_written && !engine_.is_closed()) {
        const auto error = co_await transport_->wait_writable();
        if (engine_.is_closed()) co_return;
        refresh_now();
        if (error) engine_.output_failed();
        all_written = write_what_fits();
        flush();
    }
}

// Counted as held in memory only while the line is full, so that a plain call does not pay.
void connection::count_output() noexcept {
    const auto before = queued_bytes();
    set_queued(writing_ && !engine_.is_closed() ? engine_.queued_bytes() : 0);
    change(before, queued_bytes());
}

}  // namespace echosocket::net
