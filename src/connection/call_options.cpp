// Ready-made options for calls.
#include <echosocket/call_options.hpp>

#include "random_numbers.hpp"

#include <echosocket/task.hpp>

#include <string>
#include <string_view>

namespace echosocket {

call_options once() {
    // From the system's random source: whoever can guess a key can get the result of the call that carries it.
    std::string key;
    for (int word = 0; word != 4; ++word) {
        auto bits = secret_random_bits();
        for (int byte = 0; byte != 4; ++byte, bits >>= 8U) key += static_cast<char>(bits & 0xffU);
    }
    return once(key);
}

call_options once(std::string_view idempotency_key) {
    call_options options;
    options.idempotency_key = idempotency_key;
    return options;
}

call_options within(const task_context& call) {
    call_options options;
    options.deadline = call.deadline();
    options.trace_id = call.trace_id();
    return options;
}

}  // namespace echosocket
