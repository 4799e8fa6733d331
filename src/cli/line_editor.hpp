// Line editing on a terminal with history and completion, using libedit.
#pragma once

#include "cli/line_input.hpp"

#include <histedit.h>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace echosocket::cli {

/// Edits lines of standard input on standard output. Only one may exist in a process.
///
/// While a line is typed, `wait` does the blocking, so that the caller's loop keeps running.
class line_editor final : public line_input {
public:
    line_editor(input_wait wait, std::optional<std::filesystem::path> history_file);
    line_editor(const line_editor&) = delete;
    line_editor& operator=(const line_editor&) = delete;
    ~line_editor() override;

    [[nodiscard]] input_line read(const std::string& prompt) override;
    void announce(const std::string& text) override;

    /// Removes the line that `read` returned last from the screen.
    void erase(const std::string& line);

    /// Sets the words that TAB completes the first word of a line to.
    void complete_to(std::vector<std::string> words) { words_ = std::move(words); }

private:
    static int read_key(EditLine* editor, wchar_t* key);
    static unsigned char complete(EditLine* editor, int key);
    static char* prompt(EditLine* editor);
    static line_editor& self(EditLine* editor);

    int next_key(wchar_t& key);
    unsigned char complete_word();
    void remember(const std::string& line);
    void clear_from_prompt(const std::string& behind_it, std::size_t rows_below);

    struct free_editor {
        void operator()(EditLine* editor) const { el_end(editor); }
    };
    struct free_history {
        void operator()(History* history) const { history_end(history); }
    };

    input_wait wait_;
    std::optional<std::filesystem::path> history_file_;
    std::unique_ptr<History, free_history> history_;
    std::unique_ptr<EditLine, free_editor> editor_;
    std::string prompt_;
    std::vector<std::string> words_;
    std::string pending_;  // bytes of an incomplete character
    bool interrupted_ = false;
    bool reading_ = false;
};

}  // namespace echosocket::cli
