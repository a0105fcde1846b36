// Texts of the paper, its tools and the measurements.

const p = (zh, en) => ({ zh, en });

export const paper = {
  ecgOf: p('第 {n} 号心电图', 'ECG of case {n}'), paperTools: p('心电图显示工具', 'Paper tools'), layout: p('导联排列', 'Layout'), speed: p('走纸速度', 'Paper speed'), gain: p('增益', 'Gain'), filter: p('滤波（仅显示）', 'Filter (display only)'),
  filterRaw: p('不滤波', 'Unfiltered'), filterDiagnostic: p('0.05–150 Hz', '0.05–150 Hz'), filterMains: p('0.05–150 Hz，去 50 Hz', '0.05–150 Hz, 50 Hz notch'), filterMonitor: p('0.5–40 Hz（勿判 ST）', '0.5–40 Hz (not for ST)'),
  cabreraShort: p('Cabrera', 'Cabrera'), cabrera: p('肢体导联按 Cabrera 顺序（Q）', 'Limb leads in Cabrera order (Q)'), caliper: p('分规', 'Caliper'), caliperHow: p('分规：测量 ms、次/分、mV（C）', 'Calipers: ms, bpm, mV (C)'),
  march: p('等距', 'March'), marchHow: p('分规等距延伸（M）', 'March the interval out (M)'), magnifier: p('放大镜', 'Lens'), magnifierHow: p('放大镜（Z）', 'Magnifier (Z)'), marks: p('心搏', 'Beats'), marksHow: p('显示心搏分类（B）', 'Show beat classes (B)'),
  fit: p('适合', 'Fit'), fitHow: p('适合窗口（0）', 'Fit the window (0)'), trueSizeHow: p('真实毫米大小（1）', 'True millimetres (1)'), calibrate: p('校准屏幕', 'Calibrate the screen'),
  calibrateHow: p('将一张银行卡（或身份证）横放在屏幕上，拖动滑块使方框与卡片等宽。', 'Lay a bank card on the screen and move the slider until the frame is as wide as the card.'), cardWidth: p('卡片宽度', 'Width of the card'),
  medianShort: p('中位波', 'Median'), medianHow: p('中位心搏与测量点，可拖动（D）', 'Median beats with bounds to drag (D)'), matrixShort: p('测量表', 'Matrix'), matrixHow: p('测量矩阵（T）', 'Measurement matrix (T)'),
  earlierShort: p('既往', 'Earlier'), earlierHow: p('既往心电图对比（O）', 'Earlier ECGs (O)'), wholeRecording: p('全程节律：选择时间', 'Whole recording: choose the time'),
  beatN: p('正常', 'Normal'), beatS: p('室上性', 'Supraventricular'), beatV: p('室性', 'Ventricular'), beatF: p('融合', 'Fusion'), beatP: p('起搏', 'Paced'), beatQ: p('未分类', 'Unclassified'),
  pOnset: p('P 波起点', 'P onset'), pOffset: p('P 波终点', 'P offset'), qrsOnset: p('QRS 起点', 'QRS onset'), qrsOffset: p('QRS 终点（J 点）', 'QRS offset (J)'), tOffset: p('T 波终点', 'T offset'),
  noMedian: p('无中位心搏', 'No median beat'), group: p('形态 {n}（{beats} 搏）', 'Shape {n} ({beats} beats)'), beatGroup: p('心搏形态', 'Beat shape'), allLeads: p('全部导联', 'All leads'), leadShown: p('突出显示的导联', 'Lead shown'),
  machineShort: p('机测', 'Machine'), noP: p('无 P 波', 'No P wave'), pBack: p('恢复 P 波', 'P wave back'), machineBounds: p('恢复机测', 'Back to the machine’s'),
  measurements: p('测量值', 'Measurements'), heartRate: p('心率', 'Rate'), rrMin: p('最短 RR', 'RR min'), rrMax: p('最长 RR', 'RR max'), pAxis: p('P 电轴', 'P axis'), qrsAxis: p('QRS 电轴', 'QRS axis'), tAxis: p('T 电轴', 'T axis'), rPeak: p('R 峰时间', 'R peak time'),
};
