// A stream of frames, parsed and joined as a connection does it.
#include "protocol/body_assembler.hpp"

#include <cstdlib>

using namespace echosocket::protocol;
using namespace echosocket::wire;

extern "C" int LLVMFuzzerTestOneInput(const char* data, std::size_t size) {
    constexpr frame_limits limits{.max_frame = 1024, .max_skip = 4096};
    body_assembler assembler(limits.max_skip);
    for (std::string_view bytes(data, size);;) {
        const auto head = parse_frame(bytes, limits);
        if (head.status == parse_status::invalid) return 0;
        if (head.status == parse_status::oversized) static_cast<void>(assembler.add_oversized(head.frame));
        if (head.size > bytes.size()) return 0;
        if (head.status != parse_status::complete && head.status != parse_status::oversized) std::abort();
        if (head.status == parse_status::complete && assembler.concerns(head.frame)) assembler.add(head.frame);
        static_cast<void>(fault_of(head.frame));
        if (assembler.unfinished_bytes() > max_unfinished_bodies * limits.max_skip) std::abort();
        bytes.remove_prefix(head.size);
    }
}
