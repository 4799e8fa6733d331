#include "cli/output.hpp"

#include "cli/text.hpp"

#include <unistd.h>
#include <cstdio>
#include <utility>

namespace echosocket::cli {

namespace {

bool write_bytes(std::string_view bytes) {
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
    return std::fflush(stdout) == 0 && written;
}

}  // namespace

bool print(std::string_view text) {
    return write_bytes(printable(text));
}

body_printer::body_printer() : to_terminal_(::isatty(STDOUT_FILENO) != 0) {}

bool body_printer::write(std::string_view bytes) {
    if (!to_terminal_) return write_bytes(bytes);
    std::string text = std::move(unfinished_) + std::string(bytes);
    unfinished_ = text.substr(text.size() - unfinished_size(text));
    text.resize(text.size() - unfinished_.size());
    return print(text);
}

bool body_printer::finish() {
    return unfinished_.empty() || print(std::exchange(unfinished_, {}));
}

void complain(std::string_view sentence, std::string_view hint) {
    // One write, so that lines of several threads and processes do not mix.
    auto lines = "echosocket: " + one_line(sentence) + '\n';
    if (!hint.empty()) lines.append(hint).append(1, '\n');
    std::fwrite(lines.data(), 1, lines.size(), stderr);
    std::fflush(stderr);
}

}  // namespace echosocket::cli
