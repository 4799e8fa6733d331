// The writer of a connection: what fits goes out at once, the rest when the line takes more.
#include "connection/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
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
    if (writing_) return count_traffic();
    if (engine_.is_closed()) return;
    if (engine_.has_output() && !write_what_fits()) return start_writer();
    if (engine_.has_unsent_notifications() || traffic_held_ != 0) count_traffic();  // they wait for credit
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
    count_traffic();
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
    count_traffic();
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

// Called only where something waits, so that a plain call does not pay.
void connection::count_traffic() noexcept {
    const bool counts = !engine_.is_closed();
    set_queued(counts ? engine_.queued_bytes() : 0);
    const auto bytes = input_.capacity() + (counts ? engine_.held_output_bytes() : 0);
    const auto held = static_cast<std::uint32_t>(std::min<std::size_t>(bytes, UINT32_MAX));
    change(std::exchange(traffic_held_, held), held);
}

}  // namespace echosocket::net
