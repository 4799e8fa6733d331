#include "net/session.hpp"

namespace echosocket {

namespace detail {

session_info session::info(time_point now) const {
    return {.id = id_,
            .name = name(),
            .address = address_,
            .age = std::chrono::duration_cast<std::chrono::milliseconds>(now - since_),
            .running_calls = running_.get(),
            .calls = calls_.get(),
            .bytes_in = bytes_in_.get(),
            .bytes_out = bytes_out_.get(),
            .notifications_in = notifications_in_count_.get(),
            .notifications_out = notifications_out_count_.get(),
            .dropped = dropped_.get()};
}

void session::set_data(std::shared_ptr<void> data, std::type_index type) {
    {
        const std::lock_guard lock(data_mutex_);
        data_.swap(data);
        data_type_ = type;
    }
    // What was there before goes with the mutex free: its destructor is the user's.
}

std::shared_ptr<void> session::data(std::type_index type) {
    const std::lock_guard lock(data_mutex_);
    return data_type_ == type ? data_ : nullptr;
}

}  // namespace detail

}  // namespace echosocket
