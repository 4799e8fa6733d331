#include "simulation/connection.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <string_view>

namespace echosocket::testing {

namespace {

// A write takes less than it could, and a read gives less than there is, once in so many times.
constexpr unsigned short_once_in = 8;

std::uint64_t hash_of(std::string_view bytes) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    return hash;
}

}  // namespace

simulated_connection::simulated_connection(std::shared_ptr<link_state> link)
    : link_(std::move(link)),
      number_(++link_->context.connections),
      ways_{one_way(*link_, direction::forth), one_way(*link_, direction::back)},
      lives_for_(link_->rules.reset_within == 0
                     ? SIZE_MAX
                     : link_->context.of_network.between<std::size_t>(1, link_->rules.reset_within)) {}

io_result simulated_connection::read(std::size_t end, asio::mutable_buffer into) {
    if (ends_[end].closed) return {asio::error::bad_descriptor};
    if (into.size() == 0) return {};
    auto& input = to(end);
    if (input.unread() == 0) {
        if (ends_[end].broken) return {asio::error::connection_reset};
        if (input.has_ended()) return {asio::error::eof};
        return {asio::error::would_block};
    }
    auto& drawn = link_->context.of_network;
    auto most = std::min(into.size(), input.unread());
    if (most > 1 && drawn.one_in(short_once_in)) most = drawn.between<std::size_t>(1, most);
    const auto count = input.read(asio::buffer(into, most));
    wake(1 - end);  // there is room again
    return {{}, count};
}

io_result simulated_connection::write(std::size_t end, std::span<const asio::const_buffer> from_these) {
    if (ends_[end].closed) return {asio::error::bad_descriptor};
    if (ends_[end].broken || ends_[end].send_is_shut) return {asio::error::broken_pipe};
    const auto offered = asio::buffer_size(from_these);
    auto& drawn = link_->context.of_network;
    auto most = std::min(from(end).room(), offered);
    if (most == 0) return {offered == 0 ? error_code() : asio::error::would_block};
    if (most > 1 && drawn.one_in(short_once_in)) most = drawn.between<std::size_t>(1, most);
    most = std::min(most, lives_for_);
    std::size_t count = 0;
    for (const auto& buffer : from_these) {
        const std::string_view bytes(static_cast<const char*>(buffer.data()), std::min(buffer.size(), most - count));
        link_->context.trace(number_ ^ hash_of(bytes));
        from(end).send(bytes);
        count += bytes.size();
    }
    lives_for_ -= lives_for_ == SIZE_MAX ? 0 : count;
    if (lives_for_ == 0) {
        reset();
    } else {
        expect_arrival(1 - end);
    }
    return {{}, count};
}

void simulated_connection::wait(std::size_t end, wait_for what, net::erased_handler coroutine) {
    if (ends_[end].closed) return coroutine.post(asio::error::bad_descriptor);
    waiting(end, what) = std::move(coroutine);
    wake(end);
}

void simulated_connection::abort_wait(std::size_t end, wait_for what) {
    if (auto& coroutine = waiting(end, what)) coroutine.post(asio::error::operation_aborted);
}

void simulated_connection::shutdown_send(std::size_t end) {
    if (ends_[end].closed || ends_[end].broken || std::exchange(ends_[end].send_is_shut, true)) return;
    from(end).send(one_way::what::end);
    expect_arrival(1 - end);
}

void simulated_connection::close(std::size_t end) {
    if (std::exchange(ends_[end].closed, true)) return;
    if (!ends_[end].broken) {
        // What the other end has sent in vain makes this a reset, as TCP does.
        if (to(end).unread() != 0) {
            from(end).send(one_way::what::reset);
        } else if (!ends_[end].send_is_shut) {
            from(end).send(one_way::what::end);
        }
        expect_arrival(1 - end);
    }
    to(end).lose_what_has_arrived();
    abort_wait(end, wait_for::input);
    abort_wait(end, wait_for::room);
    wake(1 - end);
}

void simulated_connection::reset() {
    for (const std::size_t end : {0U, 1U}) {
        to(end).lose_what_is_on_its_way();
        // What had arrived may still be read, or is gone: systems differ.
        if (link_->context.of_network.one_in(2)) to(end).lose_what_has_arrived();
        hear_reset(end);
    }
}

void simulated_connection::go_on() {
    for (const std::size_t end : {0U, 1U}) {
        expect_arrival(end);
        wake(end);
    }
}

void simulated_connection::expect_arrival(std::size_t end) {
    const auto next = to(end).next_arrival();
    if (!next || (expected_[end] && *expected_[end] <= *next)) return;
    expected_[end] = next;
    link_->context.at(*next, [self = shared_from_this(), end, when = *next] {
        if (self->expected_[end] == when) self->expected_[end].reset();
        self->deliver(end);
    });
}

void simulated_connection::deliver(std::size_t end) {
    auto& input = to(end);
    if (input.arrive()) {
        if (input.was_reset()) {
            hear_reset(end);
        } else if (ends_[end].closed && input.unread() != 0) {
            input.lose_what_has_arrived();
            from(end).send(one_way::what::reset);  // nobody reads it any more
            expect_arrival(1 - end);
        } else {
            wake(end);
        }
    }
    expect_arrival(end);
}

void simulated_connection::hear_reset(std::size_t end) {
    ends_[end].broken = true;
    from(end).lose_what_is_on_its_way();
    wake(end);
}

void simulated_connection::wake(std::size_t end) {
    auto& each = ends_[end];
    const bool readable = to(end).unread() != 0 || to(end).has_ended() || each.broken;
    if (readable && each.reader) each.reader.post();
    const bool writable = from(end).room() != 0 || each.broken || each.send_is_shut;
    if (writable && each.writer) each.writer.post();
}

void simulated_connection::drop_coroutines() noexcept {
    for (auto& end : ends_) {
        const auto reader = std::move(end.reader);
        const auto writer = std::move(end.writer);
    }
}

}  // namespace echosocket::testing
