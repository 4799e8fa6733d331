// The first bytes of a connection: a valid HELLO is never rejected early, and is the same after it was written again.
#include "wire/hello.hpp"

#include <cstdlib>

using namespace echosocket;
using namespace echosocket::wire;

extern "C" int LLVMFuzzerTestOneInput(const char* data, std::size_t size) {
    const std::string_view bytes(data, size);
    static_cast<void>(check_answer_start(bytes));
    const auto head = parse_frame(bytes, {.max_frame = max_hello, .max_skip = max_hello});
    hello first;
    if (head.status != parse_status::complete || parse_hello(head.frame, first).error != errc{}) return 0;
    for (std::size_t part = 0; part <= head.size && head.size <= max_hello; ++part)
        if (check_hello_start(bytes.substr(0, part)).error != errc{}) std::abort();

    std::string again;
    append_hello(again, first);
    hello second;
    if (parse_hello(parse_frame(again, {}).frame, second).error != errc{}) std::abort();
    if (first.name != second.name || first.max_message != second.max_message ||
        first.notify_credit != second.notify_credit)
        std::abort();
    return 0;
}
