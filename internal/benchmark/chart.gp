# Draws a chart from the output of BenchmarkRefresh: gnuplot -c chart.gp results.txt chart.svg

# results prints the number of jobs and the mean of a metric of each benchmark without latency and limit.
results(metric) = sprintf("< awk '/^BenchmarkRefresh.*latency=0s/ { split($1, name, /[=\\/]/); for (i = 4; i <= NF; i += 2) if ($i == \"%s\") { sum[name[3]] += $(i - 1); n[name[3]]++ } } END { for (jobs in sum) print jobs, sum[jobs] / n[jobs] }' %s | sort -n", metric, ARG1)

set terminal svg size 640,320 font "Liberation Sans,Helvetica,Arial,sans-serif,12" background "#ffffff"
set output ARG2
set multiplot layout 1,2
set style fill solid
set boxwidth 0.6
set xlabel "jobs"
set grid ytics lc "#d5dbe1"
set border 3 lc "#1f2933"
set tics nomirror
set xrange [-0.6:2.6]
unset key

# panel draws a bar for each number of jobs, and the target as a dashed line.
panel = "set title sprintf(\"%s\\ntarget (dashed): at most %g\", name, target); set yrange [0:1.3 * target]; \
set arrow 1 from -0.6, target to 2.6, target nohead front lc '#a34a00' lw 2 dt 2; \
plot results(metric) using 0:2:xtic(1) with boxes lc '#2f6496', '' using 0:2:(sprintf('%.3g', $2)) with labels offset 0,-0.8 tc '#ffffff'"

name = "CPU time, relative to terraform\\_data"; metric = "cpu/terraform_data"; target = 4
eval panel
name = "Peak memory of the provider in MiB"; metric = "provider-MiB"; target = 60
eval panel
