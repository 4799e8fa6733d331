// Which thread this is, for two instructions.
#pragma once

namespace echosocket::net {

/// An address that is no other thread's as long as this one runs.
[[nodiscard]] inline const void* this_thread() noexcept {
    static thread_local const char mark = 0;
    return &mark;
}

}  // namespace echosocket::net
