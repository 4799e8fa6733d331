#include "cli/output.hpp"

#include "cli/text.hpp"

#include <cstdio>
#include <string>

namespace echosocket::cli {

bool print(std::string_view bytes) {
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
    return std::fflush(stdout) == 0 && written;
}

void complain(std::string_view sentence) {
    // One write, so that lines of several threads and processes do not mix.
    const auto line = "echosocket: " + printable(sentence) + '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
}

}  // namespace echosocket::cli
