#include <echosocket/testing.hpp>

#include "async/erased_handler.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <string>

namespace echosocket::testing {
namespace {

using boost::system::error_code;
using net::erased_handler;

class byte_queue {
public:
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() - taken_; }

    void put(asio::const_buffer from) { bytes_.append(static_cast<const char*>(from.data()), from.size()); }

    std::size_t take(asio::mutable_buffer into) {
        const auto count = std::min(into.size(), size());
        std::memcpy(into.data(), bytes_.data() + taken_, count);
        taken_ += count;
        if (taken_ >= bytes_.size() / 2) {  // keeps a queue that never becomes empty from growing without limit
            bytes_.erase(0, taken_);
            taken_ = 0;
        }
        return count;
    }

    void clear() {
        bytes_.clear();
        taken_ = 0;
    }

private:
    std::string bytes_;
    std::size_t taken_ = 0;
};

enum class direction { reading, writing };

class pipe_end {
public:
    explicit pipe_end(const faults& planned) : faults_(planned) {}

    io_result read(asio::mutable_buffer into) {
        if (closed_) return {asio::error::bad_descriptor};
        if (fails(reads_, faults_.fail_read)) return {asio::error::connection_reset};
        if (into.size() == 0) return {};
        if (incoming_.size() == 0) return {ended_ ? error_code(asio::error::eof) : asio::error::would_block};
        const auto count = incoming_.take(asio::buffer(into, faults_.max_read));
        return {{}, count};
    }

    io_result write(std::span<const asio::const_buffer> from, pipe_end& other) {
        if (closed_) return {asio::error::bad_descriptor};
        if (fails(writes_, faults_.fail_write)) return {asio::error::broken_pipe};
        if (other.closed_ || other.ended_) return {asio::error::broken_pipe};
        const auto room = std::min(other.room(), faults_.max_write);
        std::size_t count = 0;
        for (const auto& buffer : from) {
            const auto part = asio::buffer(buffer, room - count);
            other.incoming_.put(part);
            count += part.size();
        }
        if (count == 0 && asio::buffer_size(from) != 0) return {asio::error::would_block};
        return {{}, count};
    }

    // A wait also ends if the next read or write would fail: as on a socket, that call returns the error.
    void wait(direction which, erased_handler coroutine, const pipe_end& other) {
        if (closed_) return coroutine.post(asio::error::bad_descriptor);
        if (faults_.fail_wait == waits_++) return coroutine.post(asio::error::connection_reset);
        waiting(which) = std::move(coroutine);
        wake(other);
    }

    void wake(const pipe_end& other) {
        const bool readable = broken(reads_, faults_.fail_read) || incoming_.size() != 0 || ended_;
        if (readable && reader_) reader_.post();
        // A closed end has room because the bytes on their way to it were dropped.
        const bool writable = broken(writes_, faults_.fail_write) || other.ended_ || other.room() != 0;
        if (writable && writer_) writer_.post();
    }

    void abort(direction which) {
        if (auto& coroutine = waiting(which)) coroutine.post(asio::error::operation_aborted);
    }

    void end() noexcept { ended_ = true; }

    void close() {
        closed_ = true;
        incoming_.clear();
        abort(direction::reading);
        abort(direction::writing);
    }

private:
    static bool fails(std::size_t& calls, const std::optional<std::size_t>& from) { return from && calls++ >= *from; }
    static bool broken(std::size_t calls, const std::optional<std::size_t>& from) { return from && calls > *from; }

    [[nodiscard]] std::size_t room() const noexcept {
        return faults_.capacity - std::min(faults_.capacity, incoming_.size());
    }

    erased_handler& waiting(direction which) { return which == direction::reading ? reader_ : writer_; }

    const faults faults_;
    byte_queue incoming_;
    bool ended_ = false;  ///< The other end will write nothing more.
    bool closed_ = false;
    std::size_t reads_ = 0;
    std::size_t writes_ = 0;
    std::size_t waits_ = 0;
    erased_handler reader_;
    erased_handler writer_;
};

/// Both ends under one lock. Under it, coroutines are only posted, never resumed.
struct pipe_state {
    pipe_state(const faults& first, const faults& second) : ends{pipe_end(first), pipe_end(second)} {}

    std::mutex mutex;
    std::array<pipe_end, 2> ends;
};

struct abort_wait {
    std::shared_ptr<pipe_state> state;
    std::size_t index;
    direction which;
    void operator()(asio::cancellation_type) const {
        const std::lock_guard lock(state->mutex);
        state->ends[index].abort(which);
    }
};

struct start_wait {
    std::shared_ptr<pipe_state> state;
    std::size_t index;
    direction which;
    template <class Handler>
    void operator()(Handler handler) const {
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
            slot.template emplace<abort_wait>(abort_wait{state, index, which});
        const std::lock_guard lock(state->mutex);
        state->ends[index].wait(which, erased_handler(std::move(handler)), state->ends[1 - index]);
    }
};

class memory_transport final : public transport {
public:
    memory_transport(std::shared_ptr<pipe_state> state, std::size_t index) : state_(std::move(state)), index_(index) {}
    memory_transport(const memory_transport&) = delete;
    memory_transport& operator=(const memory_transport&) = delete;
    ~memory_transport() override { memory_transport::close(); }

    asio::awaitable<error_code> wait_readable() override { return wait(state_, index_, direction::reading); }
    asio::awaitable<error_code> wait_writable() override { return wait(state_, index_, direction::writing); }

    io_result read_some(asio::mutable_buffer into) override {
        const std::lock_guard lock(state_->mutex);
        const auto outcome = own().read(into);
        other().wake(own());
        return outcome;
    }

    io_result write_some(std::span<const asio::const_buffer> from) override {
        const std::lock_guard lock(state_->mutex);
        const auto outcome = own().write(from, other());
        other().wake(own());
        return outcome;
    }

    void shutdown_send() override {
        const std::lock_guard lock(state_->mutex);
        other().end();
        wake_both();
    }

    void close() override {
        const std::lock_guard lock(state_->mutex);
        own().close();
        other().end();
        wake_both();
    }

    std::string remote_address() const override { return "memory"; }

private:
    // Static, because the transport may be closed and destroyed before the end of the wait is delivered.
    static asio::awaitable<error_code> wait(std::shared_ptr<pipe_state> state, std::size_t index, direction which) {
        const auto token = asio::as_tuple(asio::deferred);
        auto operation =
            asio::async_initiate<decltype(token), void(error_code)>(start_wait{std::move(state), index, which}, token);
        const auto [error] = co_await std::move(operation);
        co_return error;
    }

    pipe_end& own() { return state_->ends[index_]; }
    pipe_end& other() { return state_->ends[1 - index_]; }
    void wake_both() {
        own().wake(other());
        other().wake(own());
    }

    const std::shared_ptr<pipe_state> state_;
    const std::size_t index_;
};

}  // namespace

std::pair<std::unique_ptr<transport>, std::unique_ptr<transport>> memory_pipe(faults first, faults second) {
    const auto state = std::make_shared<pipe_state>(first, second);
    return {std::make_unique<memory_transport>(state, 0), std::make_unique<memory_transport>(state, 1)};
}

}  // namespace echosocket::testing
