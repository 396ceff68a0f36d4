package io.prova.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {

  private static final ZoneId SAO_PAULO = ZoneId.of("America/Sao_Paulo");

  private static List<String> runs(String schedule, String zone, String after, int count) {
    Schedule parsed = Schedule.parse(schedule);
    List<String> found = new ArrayList<>();
    Instant moment = OffsetDateTime.parse(after).toInstant();
    for (int i = 0; i < count; i++) {
      moment = parsed.next(moment, ZoneId.of(zone));
      found.add(moment.atZone(ZoneId.of(zone)).toOffsetDateTime().toString());
    }
    return found;
  }

  private static List<String> localRuns(String schedule, String after, int count) {
    return runs(schedule, "UTC", after + "Z", count).stream()
        .map(run -> run.substring(0, 16))
        .toList();
  }

  @Test
  void aTimeThatTheClockSkipsIsDueWhenItJumps() {
    assertThat(runs("daily 02:30", "America/New_York", "2026-03-07T12:00-05:00", 3))
        .containsExactly(
            "2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00", "2026-03-10T02:30-04:00");
    assertThat(runs("daily 01:30", "Europe/Lisbon", "2026-03-28T12:00Z", 2))
        .containsExactly("2026-03-29T02:00+01:00", "2026-03-30T01:30+01:00");
  }

  @Test
  void midnightSkippedInSaoPauloIsOneOClock() {
    assertThat(runs("daily 00:00", "America/Sao_Paulo", "2017-10-14T12:00-03:00", 2))
        .containsExactly("2017-10-15T01:00-02:00", "2017-10-16T00:00-02:00");
    assertThat(runs("daily 00:30", "America/Sao_Paulo", "2017-10-14T00:30-03:00", 2))
        .containsExactly("2017-10-15T01:00-02:00", "2017-10-16T00:30-02:00");
  }

  @Test
  void theLastSummerOfDaylightSavingInSaoPauloHasARunEachNight() {
    assertThat(runs("daily 00:00", "America/Sao_Paulo", "2018-11-03T12:00-03:00", 2))
        .containsExactly("2018-11-04T01:00-02:00", "2018-11-05T00:00-02:00");
    assertThat(runs("daily 23:30", "America/Sao_Paulo", "2019-02-15T23:30-02:00", 2))
        .containsExactly("2019-02-16T23:30-02:00", "2019-02-17T23:30-03:00");
    // Since then the clock has stood still there.
    assertThat(runs("daily 00:00", "America/Sao_Paulo", "2019-11-02T12:00-03:00", 2))
        .containsExactly("2019-11-03T00:00-03:00", "2019-11-04T00:00-03:00");
  }

  @Test
  void aTimeThatTheClockShowsTwiceIsDueTheFirstTimeOnly() {
    assertThat(runs("daily 23:30", "America/Sao_Paulo", "2018-02-17T12:00-02:00", 2))
        .containsExactly("2018-02-17T23:30-02:00", "2018-02-18T23:30-03:00");
    assertThat(runs("daily 01:30", "America/New_York", "2026-10-31T12:00-04:00", 2))
        .containsExactly("2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00");
    assertThat(runs("daily 01:30", "Europe/Lisbon", "2026-10-24T12:00+01:00", 2))
        .containsExactly("2026-10-25T01:30+01:00", "2026-10-26T01:30Z");
  }

  @Test
  void inTheHourThatRepeatsTheNextRunIsAfterBothPasses() {
    assertThat(runs("hourly :15", "America/New_York", "2026-11-01T00:59-04:00", 2))
        .containsExactly("2026-11-01T01:15-04:00", "2026-11-01T02:15-05:00");
    assertThat(runs("hourly :15", "America/New_York", "2026-11-01T01:00-05:00", 1))
        .containsExactly("2026-11-01T02:15-05:00");
  }

  @Test
  void halfAnHourOfDaylightSavingIsHonoured() {
    assertThat(runs("daily 02:15", "Australia/Lord_Howe", "2026-10-03T12:00+10:30", 2))
        .containsExactly("2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00");
    assertThat(runs("daily 01:45", "Australia/Lord_Howe", "2026-04-04T12:00+11:00", 2))
        .containsExactly("2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30");
  }

  @Test
  void runsOfADayThatNeverWasHappenOnceAtItsEnd() {
    assertThat(runs("daily 02:00", "Pacific/Apia", "2011-12-28T12:00-10:00", 3))
        .containsExactly(
            "2011-12-29T02:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T02:00+14:00");
    assertThat(runs("hourly :15", "Pacific/Apia", "2011-12-29T23:14-10:00", 3))
        .containsExactly(
            "2011-12-29T23:15-10:00", "2011-12-31T00:00+14:00", "2011-12-31T00:15+14:00");
    assertThat(runs("friday 03:00", "Pacific/Apia", "2011-12-28T12:00-10:00", 2))
        .containsExactly("2011-12-31T00:00+14:00", "2012-01-06T03:00+14:00");
  }

  @Test
  void aTimeAtTheEdgeOfAJumpIsDueOnce() {
    assertThat(runs("*/30 * * * *", "America/New_York", "2026-03-08T01:29-05:00", 3))
        .containsExactly(
            "2026-03-08T01:30-05:00", "2026-03-08T03:00-04:00", "2026-03-08T03:30-04:00");
  }

  @Test
  void zonesWithOddOffsetsAreFine() {
    assertThat(runs("daily 02:00", "Asia/Kathmandu", "2026-11-22T12:00+05:45", 2))
        .containsExactly("2026-11-23T02:00+05:45", "2026-11-24T02:00+05:45");
  }

  @Test
  void previousGivesTheMomentOfAJumpForTheTimesItSkipped() {
    Schedule schedule = Schedule.parse("daily 02:30");
    ZoneId zone = ZoneId.of("America/New_York");
    Instant jump = Instant.parse("2026-03-08T07:00:00Z");
    assertThat(schedule.previous(jump, zone)).isEqualTo(jump);
    assertThat(schedule.previous(jump.minusSeconds(1), zone))
        .isEqualTo(Instant.parse("2026-03-07T07:30:00Z"));
    assertThat(schedule.previous(Instant.parse("2026-03-09T00:00:00Z"), zone)).isEqualTo(jump);
  }

  @Test
  void theThirtyFirstIsTheLastDayOfAShorterMonth() {
    assertThat(localRuns("monthly 31 04:00", "2027-01-30T00:00", 4))
        .containsExactly(
            "2027-01-31T04:00", "2027-02-28T04:00", "2027-03-31T04:00", "2027-04-30T04:00");
    assertThat(localRuns("monthly last 04:00", "2028-02-01T00:00", 2))
        .containsExactly("2028-02-29T04:00", "2028-03-31T04:00");
    assertThat(localRuns("monthly 29 04:00", "2027-02-01T00:00", 2))
        .containsExactly("2027-02-28T04:00", "2027-03-29T04:00");
  }

  @Test
  void leapDayOfCronComesEveryFourYears() {
    assertThat(localRuns("0 4 29 2 *", "2026-01-01T00:00", 2))
        .containsExactly("2028-02-29T04:00", "2032-02-29T04:00");
    assertThat(localRuns("0 4 29 2 *", "2097-01-01T00:00", 1)).containsExactly("2104-02-29T04:00");
  }

  @Test
  void theYearEnds() {
    assertThat(localRuns("daily 23:59", "2026-12-31T23:58", 2))
        .containsExactly("2026-12-31T23:59", "2027-01-01T23:59");
    assertThat(localRuns("monthly 1 00:00", "2026-12-15T00:00", 2))
        .containsExactly("2027-01-01T00:00", "2027-02-01T00:00");
    assertThat(localRuns("sunday 03:00", "2026-12-27T03:00", 1))
        .containsExactly("2027-01-03T03:00");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "daily 02:00               | diário 02:00",
        "daily 2:00                | DIARIO  02:00",
        "sunday 03:00              | domingo 03:00",
        "Sun 03:00                 | dom 03:00",
        "tuesday 03:00             | terça-feira 03:00",
        "saturday 03:00            | sábado 03:00",
        "monday,thursday 01:30     | segunda, quinta 01:30",
        "weekdays 22:00            | dias úteis 22:00",
        "monthly 1 04:00           | mensal 1 04:00",
        "monthly last 04:00        | mensal último 04:00",
        "hourly :15                | a cada hora :15",
        "every 6 hours             | a cada 6 horas",
        "every 6 hours :30         | a cada 6 horas :30",
        "daily 02:00               | 0 2 * * *",
        "sunday 03:00              | 0 3 * * 0",
        "sunday 03:00              | 0 3 * * 7",
        "weekdays 22:00            | 0 22 * * mon-fri",
        "every 6 hours             | 0 */6 * * *",
        "hourly                    | 0 * * * *",
        "monthly 1 04:00           | 0 4 1 * *",
      })
  void wordsInBothLanguagesAndCronMeanTheSame(String english, String same) {
    assertThat(localRuns(same, "2026-11-22T00:00", 20))
        .isEqualTo(localRuns(english, "2026-11-22T00:00", 20));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "daily 02:00            | every day at 02:00",
        "domingo 03:00          | on Sundays at 03:00",
        "thursday,monday 01:30  | on Mondays, on Thursdays at 01:30",
        "weekdays 22:00         | from Monday to Friday at 22:00",
        "monthly 1 04:00        | on day 1 of every month at 04:00",
        "monthly 31 04:00       | on day 31 of every month, or its last day at 04:00",
        "mensal último 04:00    | on the last day of every month at 04:00",
        "hourly :15             | every hour at minute 15",
        "every 6 hours :30      | every 6 hours from 00:30",
        "0 2 * * 1-5            | at the times of the cron line 0 2 * * 1-5",
      })
  void aScheduleCanBeSaidInASentence(String text, String sentence) {
    assertThat(Schedule.parse(text).describe().toString()).isEqualTo(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '~',
      value = {
        "sundya 03:00 => \"sundya\" is not a day; did you mean \"sunday\"?",
        "dialy 02:00 => \"dialy\" is not a day; did you mean \"daily\"?",
        "sometimes 02:00 => \"sometimes\" is not a day such as \"sunday\"",
        "daily 25:00 => expected a time from 00:00 to 23:59, found \"25:00\"",
        "daily 24:00 => expected a time from 00:00 to 23:59, found \"24:00\"",
        "hourly :60 => expected a minute from :00 to :59, found \":60\"",
        "monthly 32 04:00 => expected a day of the month from 1 to 31 or \"last\", found \"32\"",
        "monthly 0 04:00 => expected a day of the month from 1 to 31 or \"last\", found \"0\"",
        "every 5 hours => expected every 1, 2, 3, 4, 6, 8, 12 or 24 hours, so that days are alike, found 5",
        "every 0 hours => expected every 1, 2, 3, 4, 6, 8, 12 or 24 hours, so that days are alike, found 0",
        "60 2 * * * => the minute of a cron line is from 0 to 59, found \"60\"",
        "0 24 * * * => the hour of a cron line is from 0 to 23, found \"24\"",
        "0 2 0 * * => the day of the month of a cron line is from 1 to 31, found \"0\"",
        "0 2 * 13 * => the month of a cron line is from 1 to 12 or jan to dec, found \"13\"",
        "0 2 * * 8 => the day of the week of a cron line is from 0 (Sunday) to 7 (Sunday again) or sun to sat, found \"8\"",
        "0 2 * * 1-5|6 => the day of the week of a cron line is from 0 (Sunday) to 7 (Sunday again) or sun to sat, found \"1-5|6\"",
        "0 20-5 * * * => the hour of a cron line is from 0 to 23, found \"20-5\"",
        "0 2 * * => a cron line has five fields (minute, hour, day of the month, month, day of the week), found 4",
        "0 0 2 * * * => a cron line has five fields (minute, hour, day of the month, month, day of the week), found 6",
        "0 0 30 2 * => \"0 0 30 2 *\" is never due: no such day exists",
        "0 0 31 4,6 * => \"0 0 31 4,6 *\" is never due: no such day exists",
        "0 2 */2 * 1 => the cron line limits both the day of the month and the day of the week, one of them by a step: programs differ in what that means",
      })
  void aWrongScheduleSaysWhatWasExpected(String text, String problem) {
    assertThatThrownBy(() -> Schedule.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(problem);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "daily",
        "02:00",
        "daily 2am",
        "@daily",
        "every day",
        "*",
        "sunday,, 03:00"
      })
  void whatIsNoScheduleIsShownSomeThatAre(String text) {
    assertThatThrownBy(() -> Schedule.parse(text))
        .hasMessage(
            "expected a schedule such as \"daily 02:00\", \"sunday 03:00\", \"monthly 1 04:00\" or a cron line of five fields, found \""
                + text.strip()
                + "\"");
  }

  @Test
  void aCronLineThatIsNeverDueIsFoundOutAtOnce() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            assertThatThrownBy(() -> Schedule.parse("0 0 30 2 *"))
                .isInstanceOf(IllegalArgumentException.class));
  }

  @Test
  void schedulesAreEqualWhenWrittenAlike() {
    assertThat(Schedule.parse("daily  02:00")).isEqualTo(Schedule.parse("daily 02:00"));
    assertThat(Schedule.parse("daily 02:00")).hasToString("daily 02:00");
    assertThat(Schedule.parse("daily 02:00").next(Instant.EPOCH, SAO_PAULO))
        .isEqualTo(Instant.parse("1970-01-01T05:00:00Z"));
  }
}
