// Texts of the clinic's page.

const p = (zh, en) => ({ zh, en });

export const clinic = {
  sendEcgs: p('上传心电图', 'Send ECGs'), ourEcgs: p('本单位心电图', 'Our ECGs'), dropHere: p('将心电图文件或文件夹拖到此处', 'Drag ECG files or a folder here'), chooseFiles: p('选择文件', 'Choose files'), chooseFolder: p('选择文件夹', 'Choose a folder'),
  send: p('上传', 'Send'), sendN: p('上传 {n} 份', 'Send {n}'), appliesToAll: p('以下填写的内容将用于全部 {n} 份', 'What is written below applies to all {n}'), sendAgain: p('重新采集后上传', 'Send the new recording'),
  upQueued: p('等待中', 'Queued'), upSending: p('上传中', 'Sending'), upWaiting: p('等待网络，将自动重传', 'Waiting for the network, will be sent again'), upSent: p('已送达', 'Delivered'), upRefused: p('未接受', 'Not accepted'), upFailed: p('失败', 'Failed'),
  accepted: p('已接收，编号 {n}', 'accepted as case {n}'), duplicate: p('此前已上传（编号 {n}），无需重复', 'already there as case {n}'), companion: p('属于 {of}', 'belongs to {of}'),
  symptomsExample: p('如：心悸 2 天', 'e.g. palpitations for 2 days'), medicationExample: p('如：地高辛、胺碘酮', 'e.g. digoxin, amiodarone'), historyExample: p('如：高血压、安装起搏器', 'e.g. hypertension, pacemaker'), painOnset: p('胸痛开始时间', 'Onset of the pain'),
  patientDetails: p('患者信息（文件中没有时填写）', 'Patient (where the file does not say)'), patientDetailsHow: p('文件中已有的信息优先。', 'What the file says wins.'), patientName: p('姓名', 'Name'), patientId: p('编号', 'Number'), sex: p('性别', 'Sex'), age: p('年龄（岁）', 'Age (years)'), phoneHow: p('危急值时拨打', 'To be called for a critical value'),
  addDetails: p('补充信息', 'Add details'), detailsKept: p('已补充', 'Details kept'),
  noCases: p('还没有心电图', 'No ECG yet'), openEcg: p('查看', 'Open'), print: p('打印报告', 'Print'), openReport: p('打开报告', 'Open the report'), download: p('下载', 'Download'), recordAgain: p('请重新采集', 'Record again'), amendedN: p('已修订，第 {n} 版', 'Amended, version {n}'),
  soundOn: p('点此开启危急值响铃', 'Press to turn the alarm’s sound on'), raisedAgo: p('{t} 前发出', 'raised {t} ago'), pastLimit: p('已超过时限', 'past the limit'), acknowledge: p('已知晓', 'Acknowledge'), acknowledgeHow: p('确认后停止响铃，再记录处置', 'Stops the ringing; then write what was done'),
  whatWasDone: p('处置情况', 'What was done'), recordDone: p('记录并闭环', 'Record and close'), doneDoctor: p('已通知临床医师', 'Treating physician informed'), doneTransfer: p('已联系 120 转诊', 'Ambulance called, transfer under way'), doneTreated: p('已按医嘱处置', 'Treated as ordered'), doneRepeat: p('已复查心电图', 'ECG repeated'),
};
