#include "cli/line_input.hpp"

#include "cli/output.hpp"

#include <unistd.h>
#include <array>
#include <cerrno>
#include <utility>

namespace echosocket::cli {

input_line piped_lines::read(const std::string&) {
    std::size_t searched = 0;
    for (;;) {
        const auto end = buffer_.find('\n', searched);
        if (end != std::string::npos) {
            input_line line{line_event::line, buffer_.substr(0, end)};
            buffer_.erase(0, end + 1);
            return line;
        }
        if (ended_ && buffer_.empty()) return {line_event::end};
        if (ended_) return {line_event::line, std::exchange(buffer_, {})};
        searched = buffer_.size();
        if (wait_() == input_wake::interrupted) return {line_event::interrupted};
        std::array<char, 16 * 1024> chunk;
        const auto bytes = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (bytes > 0) buffer_.append(chunk.data(), static_cast<std::size_t>(bytes));
        ended_ = bytes == 0 || (bytes < 0 && errno != EINTR && errno != EAGAIN);
    }
}

void piped_lines::announce(const std::string& text) {
    complain(text);
}

}  // namespace echosocket::cli
