#include "cli/line_editor.hpp"

#include "cli/completion.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <cerrno>
#include <clocale>
#include <cstdio>

namespace echosocket::cli {

namespace {

constexpr int remembered_lines = 1000;

/// Bytes of the UTF-8 character that begins with `first`.
std::size_t size_of_character(char first) noexcept {
    const auto c = static_cast<unsigned char>(first);
    return c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
}

std::size_t terminal_columns() {
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// Columns that libedit uses for a text.
std::size_t columns_of(std::string_view text) {
    constexpr std::size_t as_control = 2;  // ^X
    std::size_t columns = 0;
    while (const auto c = take_code_point(text)) {
        const int width = ::wcwidth(static_cast<wchar_t>(*c));
        columns += width < 0 ? as_control : static_cast<std::size_t>(width);
    }
    return columns;
}

}  // namespace

line_editor::line_editor(input_wait wait, std::optional<std::filesystem::path> history_file)
    : wait_(std::move(wait)), history_file_(std::move(history_file)), history_(history_init()) {
    // libedit edits wide characters and converts them by the locale; the input here is UTF-8.
    std::setlocale(LC_CTYPE, "C.UTF-8");
    editor_.reset(el_init("echosocket", stdin, stdout, stderr));
    auto* editor = editor_.get();
    el_set(editor, EL_CLIENTDATA, this);
    el_set(editor, EL_GETCFN, &line_editor::read_key);
    el_set(editor, EL_PROMPT, &line_editor::prompt);
    el_set(editor, EL_EDITOR, "emacs");
    // The wide function: the narrow one leaks both texts.
    el_wset(editor, EL_ADDFN, L"complete", L"Completes the name of a task", &line_editor::complete);
    el_set(editor, EL_BIND, "^I", "complete", nullptr);
    el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    HistEvent event;
    history(history_.get(), &event, H_SETSIZE, remembered_lines);
    history(history_.get(), &event, H_SETUNIQUE, 1);
    if (history_file_) history(history_.get(), &event, H_LOAD, history_file_->c_str());
    el_set(editor, EL_HIST, history, history_.get());
}

line_editor::~line_editor() = default;

input_line line_editor::read(const std::string& prompt) {
    prompt_ = prompt;
    interrupted_ = false;
    reading_ = true;
    // libedit shows the prompt first; a key pressed before this would still go to the terminal's own line editing.
    el_set(editor_.get(), EL_PREP_TERM, 1);
    int count = 0;
    const char* text = el_gets(editor_.get(), &count);
    reading_ = false;
    if (interrupted_) {
        std::fputs("^C\n", stdout);
        std::fflush(stdout);
        return {line_event::interrupted};
    }
    if (text == nullptr || count <= 0) {
        std::fputs("\n", stdout);
        std::fflush(stdout);
        return {line_event::end};
    }
    std::string line(text, static_cast<std::size_t>(count));
    if (line.ends_with('\n')) line.pop_back();
    if (!line.empty()) remember(line);
    return {line_event::line, std::move(line)};
}

void line_editor::announce(const std::string& text) {
    if (reading_) {
        el_resize(editor_.get());
        const auto* line = el_line(editor_.get());
        clear_from_prompt(std::string(line->buffer, line->cursor), 0);
    }
    std::fputs((one_line(text) + '\n').c_str(), stdout);
    std::fflush(stdout);
    if (reading_) el_set(editor_.get(), EL_REFRESH);
}

void line_editor::erase(const std::string& line) {
    clear_from_prompt(line, 1);
    std::fflush(stdout);
}

/// The cursor is `rows_below` rows below the end of the text after the prompt.
void line_editor::clear_from_prompt(const std::string& behind_it, std::size_t rows_below) {
    const auto rows = columns_of(prompt_ + behind_it) / terminal_columns() + rows_below;
    if (rows > 0) std::fputs(("\x1b[" + std::to_string(rows) + 'A').c_str(), stdout);
    std::fputs("\r\x1b[J", stdout);
}

void line_editor::remember(const std::string& line) {
    HistEvent event;
    history(history_.get(), &event, H_ENTER, line.c_str());
    if (history_file_) history(history_.get(), &event, H_SAVE, history_file_->c_str());
}

line_editor& line_editor::self(EditLine* editor) {
    void* data = nullptr;
    el_get(editor, EL_CLIENTDATA, &data);
    return *static_cast<line_editor*>(data);
}

char* line_editor::prompt(EditLine* editor) {
    return self(editor).prompt_.data();
}

int line_editor::read_key(EditLine* editor, wchar_t* key) {
    return self(editor).next_key(*key);
}

/// As libedit expects: 1 for a key, 0 at the end, -1 if the line is abandoned.
int line_editor::next_key(wchar_t& key) {
    for (;;) {
        std::string_view bytes = pending_;
        const auto character = take_code_point(bytes);
        const bool broken = !character && !pending_.empty() && pending_.size() >= size_of_character(pending_[0]);
        if (character || broken) {
            key = static_cast<wchar_t>(character.value_or(U'\xfffd'));
            pending_.erase(0, broken ? 1 : pending_.size() - bytes.size());
            return 1;
        }
        if (wait_() == input_wake::interrupted) {
            pending_.clear();
            interrupted_ = true;
            errno = EINTR;
            return -1;
        }
        char byte = 0;
        const auto got = ::read(STDIN_FILENO, &byte, 1);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return 0;
        if (got == 1) pending_ += byte;
    }
}

unsigned char line_editor::complete(EditLine* editor, int) {
    return self(editor).complete_word();
}

unsigned char line_editor::complete_word() {
    const auto* line = el_line(editor_.get());
    const std::string_view typed(line->buffer, static_cast<std::size_t>(line->cursor - line->buffer));
    const auto found = find_completion(typed, words_);
    if (!found.insert.empty()) {
        el_insertstr(editor_.get(), found.insert.c_str());
        return CC_REFRESH;
    }
    if (found.choices.empty()) return CC_REFRESH_BEEP;
    std::string shown = "\n";
    for (const auto& choice : found.choices) shown += choice + "  ";
    std::fputs((shown + '\n').c_str(), stdout);
    std::fflush(stdout);
    return CC_REDISPLAY;
}

}  // namespace echosocket::cli
