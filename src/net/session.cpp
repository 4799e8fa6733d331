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
            .bytes_out = bytes_out_.get()};
}

}  // namespace detail

std::uint64_t peer::id() const noexcept {
    return session_ ? session_->id() : 0;
}
std::string peer::name() const {
    return session_ ? session_->name() : std::string();
}
std::string peer::address() const {
    return session_ ? session_->address() : std::string();
}
bool peer::connected() const noexcept {
    return session_ && session_->connected();
}

}  // namespace echosocket
