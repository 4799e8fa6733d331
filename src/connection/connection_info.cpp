#include "connection/connection_info.hpp"

namespace echosocket {

namespace detail {

session_info connection_info::info(time_point now) const {
    return {.id = id_,
            .name = name(),
            .address = address_,
            .age = std::chrono::duration_cast<std::chrono::milliseconds>(now - since_),
            .running_calls = running_.get(),
            .calls = calls_.get(),
            .bytes_in = bytes_in_.get(),
            .bytes_out = bytes_out_.get(),
            .queued_bytes = queued_.load(std::memory_order_relaxed),
            .notifications_in = notifications_in_.get(),
            .notifications_out = notifications_out_.get(),
            .dropped = dropped_.get()};
}

void connection_info::set_data(std::shared_ptr<void> data, std::type_index type) {
    auto attached = std::make_unique<user_data>(user_data{std::move(data), type});
    const std::lock_guard lock(mutex_);
    data_.swap(attached);
    // What was there before goes after the lock: its destructor is the user's.
}

std::shared_ptr<void> connection_info::data(std::type_index type) {
    const std::lock_guard lock(mutex_);
    return data_ && data_->type == type ? data_->data : nullptr;
}

}  // namespace detail

}  // namespace echosocket
