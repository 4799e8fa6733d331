// Records: what can be parsed is the same after it was written and parsed again.
#include "wire/meta.hpp"
#include "wire/utf8.hpp"

#include <cstdlib>

using namespace echosocket::wire;

extern "C" int LLVMFuzzerTestOneInput(const char* data, std::size_t size) {
    const std::string_view bytes(data, size);
    if (!is_utf8(printable(bytes, size))) std::abort();
    if (is_utf8(bytes) && printable(bytes, size).size() > size) std::abort();
    meta first;
    if (!parse_meta(bytes, first)) return 0;
    std::string again(meta_size(first), '\0');
    write_meta(again.data(), first);
    meta second;
    if (!parse_meta(again, second) || meta_size(second) != again.size()) std::abort();
    if (first.name != second.name || first.deadline_ms != second.deadline_ms || first.facts != second.facts)
        std::abort();
    return 0;
}
