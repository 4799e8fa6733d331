#include "server/flush_scheduler.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

namespace echosocket::net {

namespace {

constexpr std::size_t batch_size = 64;  // connections

}  // namespace

void flush_scheduler::schedule(std::vector<connection_ptr> connections) {
    if (connections.empty()) return;
    try {
        const std::lock_guard lock(mutex_);
        waiting_.insert(waiting_.end(), std::move_iterator(connections.begin()), std::move_iterator(connections.end()));
        if (std::exchange(has_job_, true)) return;
    } catch (const std::bad_alloc&) {  // none of them has moved; a connection that is not flushed stays mute for ever
        for (const auto& each : connections) each->mailbox().flush_pending();
        return;
    }
    post_job();
}

void flush_scheduler::post_job() noexcept {
    try {
        asio::post(executor_, [self = shared_from_this()] { self->flush_batch(); });
    } catch (...) {  // the next one to schedule something posts it
        const std::lock_guard lock(mutex_);
        has_job_ = false;
    }
}

void flush_scheduler::flush_batch() {
    try {
        for (const auto& each : take_batch()) each->mailbox().flush_pending();
    } catch (const std::bad_alloc&) {  // of the batch itself, so that it is as it was
    }
    if (!is_done()) post_job();
}

std::vector<flush_scheduler::connection_ptr> flush_scheduler::take_batch() {
    const std::lock_guard lock(mutex_);
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(batch_size, waiting_.size()));
    std::vector<connection_ptr> batch(std::move_iterator(waiting_.begin()), std::move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    return batch;
}

bool flush_scheduler::is_done() {
    const std::lock_guard lock(mutex_);
    has_job_ = !waiting_.empty();
    return !has_job_;
}

}  // namespace echosocket::net
