#include "cli/progress_bar.hpp"

#include "cli/text.hpp"
#include "cli/units.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <utility>

namespace echosocket::cli {

namespace {

constexpr std::size_t bar_width = 20;
constexpr std::size_t longest_title = 30;  // columns
constexpr std::chrono::milliseconds between_two{100};

/// The first `columns` code points.
std::string cut(const std::string& text, std::size_t columns) {
    std::string_view rest = text;
    while (columns > 0 && take_code_point(rest)) --columns;
    return text.substr(0, text.size() - rest.size());
}

std::size_t columns_of_errors() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// ` 45 % [#########-----------] `
std::string bar(std::uint64_t done, std::uint64_t whole) {
    // A file may grow or shrink during the transfer.
    const double share = whole == 0 ? 1 : std::min(1.0, static_cast<double>(done) / static_cast<double>(whole));
    const auto filled = static_cast<std::size_t>(share * bar_width);
    char percent[16];
    std::snprintf(percent, sizeof percent, "%3d", static_cast<int>(share * 100));
    return std::string(percent) + " % [" + std::string(filled, '#') + std::string(bar_width - filled, '-') + "] ";
}

}  // namespace

std::string progress_line(const std::string& what, std::uint64_t done, std::optional<std::uint64_t> whole,
                          std::chrono::nanoseconds took, std::size_t columns) {
    auto line = cut(one_line(what), longest_title) + ' ';
    if (whole) line += bar(done, *whole);
    line += format_size(done);
    if (whole) line += " of " + format_size(std::max(done, *whole));
    const double seconds = std::chrono::duration<double>(took).count();
    if (seconds > 0) line += ", " + format_size(static_cast<std::uint64_t>(static_cast<double>(done) / seconds)) + "/s";
    return cut(line, columns);
}

progress_bar::progress_bar(std::string what) : what_(std::move(what)), shown_(::isatty(STDERR_FILENO) != 0) {}

progress_bar::~progress_bar() {
    if (!shown_) return;
    draw();
    std::fputs("\n", stderr);
}

void progress_bar::moved_to(std::uint64_t done) {
    done_ = done;
    if (!shown_ || clock::now() < next_) return;
    next_ = clock::now() + between_two;
    draw();
}

void progress_bar::draw() {
    // One column is left free, because a terminal may start a new row after the last one.
    const auto line = progress_line(what_, done_, whole_, clock::now() - begin_, columns_of_errors() - 1);
    std::fputs(('\r' + line + "\x1b[K").c_str(), stderr);
    std::fflush(stderr);
}

}  // namespace echosocket::cli
